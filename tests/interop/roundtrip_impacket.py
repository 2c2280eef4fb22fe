# SPDX-License-Identifier: GPL-2.0-or-later
"""A round trip with impacket's SMBConnection: DIALECT."""
import io
import os
import sys

from impacket.smb3structs import SMB2_DIALECT_002, SMB2_DIALECT_21, SMB2_DIALECT_30, SMB2_DIALECT_311
from impacket.smbconnection import SessionError, SMBConnection

dialect = {"2.0.2": SMB2_DIALECT_002, "2.1": SMB2_DIALECT_21, "3.0": SMB2_DIALECT_30, "3.1.1": SMB2_DIALECT_311}[sys.argv[1]]
host, share = os.environ.get("SMB_HOST", "127.0.0.1"), os.environ["SHARE"]
client = SMBConnection(host, host, sess_port=int(os.environ["PORT"]), preferredDialect=dialect)
assert client.getDialect() == dialect, client.getDialect()
client.login(os.environ["SMB_USER"], os.environ["SMB_PASSWORD"])
assert share in [s["shi1_netname"][:-1] for s in client.listShares()], "share not listed"
data = os.urandom(300_000)
client.createDirectory(share, "imp dir")
client.putFile(share, "imp dir\\a.bin", io.BytesIO(data).read)
back = io.BytesIO()
client.getFile(share, "imp dir\\a.bin", back.write)
assert back.getvalue() == data
client.rename(share, "imp dir\\a.bin", "imp dir\\b.bin")
assert "b.bin" in [f.get_longname() for f in client.listPath(share, "imp dir\\*")]
for path, text in [("nothing", "STATUS_OBJECT_NAME_NOT_FOUND"), ("no\\such", "STATUS_OBJECT_PATH_NOT_FOUND")]:
    try:
        client.getFile(share, path, io.BytesIO().write)
        raise AssertionError(f"{path} opened")
    except SessionError as e:
        assert text in str(e), str(e)
client.deleteFile(share, "imp dir\\b.bin")
client.deleteDirectory(share, "imp dir")
try:
    SMBConnection(host, host, sess_port=int(os.environ["PORT"])).login(os.environ["SMB_USER"], "wrong")
    raise AssertionError("wrong password taken")
except SessionError as e:
    assert "STATUS_LOGON_FAILURE" in str(e), str(e)
client.logoff()
print("ok")
