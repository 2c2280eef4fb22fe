#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The published Python clients smbprotocol and impacket: the same round trip, and paths with "..".
. "$(dirname "$0")/lib.sh"

need_python
here=$(dirname "$0")
for dialect in 2.0.2 2.1.0 3.0.0 3.0.2 3.1.1; do
	check "smbprotocol $dialect" "$venv/bin/python" "$here/roundtrip_smbprotocol.py" "$dialect" plain
done
check "smbprotocol 3.1.1 encrypted" "$venv/bin/python" "$here/roundtrip_smbprotocol.py" 3.1.1 encrypt
for dialect in 2.0.2 2.1 3.0 3.1.1; do
	check "impacket $dialect" "$venv/bin/python" "$here/roundtrip_impacket.py" "$dialect"
done
for form in ndr ndr64; do
	check "impacket RPC $form" "$venv/bin/python" "$here/rpc_impacket.py" "$form"
	for level in 2 5 6; do
		check "impacket RPC $form, log-in within the pipe, level $level" "$venv/bin/python" "$here/rpc_impacket.py" "$form" "$level"
	done
done
finish
