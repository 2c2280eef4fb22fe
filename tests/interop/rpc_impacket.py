# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of all RPC interfaces by impacket, with arguments in ndr or ndr64; ends with an error at the first wrong answer."""
import os
import sys

from impacket.dcerpc.v5 import lsad, lsat, mgmt, rrp, samr, scmr, srvs, transport, wkst
from impacket.dcerpc.v5.dtypes import MAXIMUM_ALLOWED, NULL
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.smbconnection import SMBConnection

SYNTAX = {
    "ndr": ("8a885d04-1ceb-11c9-9fe8-08002b104860", "2.0"),
    "ndr64": ("71710533-beba-4937-8319-b5dbef9ccc36", "1.0"),
}[sys.argv[1]]
host, share = os.environ.get("SMB_HOST", "127.0.0.1"), os.environ["SHARE"]
user = os.environ["SMB_USER"]
client = SMBConnection(host, host, sess_port=int(os.environ["PORT"]))
client.login(user, os.environ["SMB_PASSWORD"])
done = 0


# Without a log-in of its own a pipe is what the session is; else connect, integrity or privacy.
level_of = int(sys.argv[2]) if len(sys.argv) > 2 else None


def bound(pipe, interface):
    dce = transport.SMBTransport(host, 445, "\\" + pipe, smb_connection=client).get_dce_rpc()
    if level_of is not None:
        dce.set_credentials(user, os.environ["SMB_PASSWORD"], "")
        dce.set_auth_level(level_of)
    dce.connect()
    dce.bind(interface, transfer_syntax=SYNTAX)
    return dce


def same(found, wanted):
    global done
    assert found == wanted, f"{found!r} instead of {wanted!r}"
    done += 1


def text(field):
    return str(field).rstrip("\0")


dce = bound("wkssvc", wkst.MSRPC_UUID_WKST)
for level in (100, 101, 102):
    info = wkst.hNetrWkstaGetInfo(dce, level)["WkstaInfo"][f"WkstaInfo{level}"]
    same(info[f"wki{level}_platform_id"], 500)
    same(info[f"wki{level}_ver_major"], 10)
    same(bool(text(info[f"wki{level}_computername"])), True)

dce = bound("srvsvc", srvs.MSRPC_UUID_SRVS)
for level in (0, 1, 2, 501, 502):
    all_shares = srvs.hNetrShareEnum(dce, level)["InfoStruct"]["ShareInfo"][f"Level{level}"]["Buffer"]
    same(share in [text(s[f"shi{level}_netname"]) for s in all_shares], True)
same(text(srvs.hNetrShareGetInfo(dce, share + "\0", 1)["InfoStruct"]["ShareInfo1"]["shi1_netname"]), share)
same(srvs.hNetrServerGetInfo(dce, 102)["InfoStruct"]["ServerInfo102"]["sv102_platform_id"], 500)
same(srvs.hNetrRemoteTOD(dce)["BufferPtr"]["tod_tinterval"], 310)
sessions = srvs.hNetrSessionEnum(dce, NULL, NULL, 10)["InfoStruct"]["SessionInfo"]["Level10"]["Buffer"]
same(user in [text(s["sesi10_username"]) for s in sessions], True)
try:
    srvs.hNetrShareGetInfo(dce, "no-such-share\0", 1)
    raise AssertionError("a share that is not there")
except DCERPCException as e:
    same(e.get_error_code(), 2310)

dce = bound("samr", samr.MSRPC_UUID_SAMR)
server = samr.hSamrConnect(dce)["ServerHandle"]
names = samr.hSamrEnumerateDomainsInSamServer(dce, server)["Buffer"]["Buffer"]
same(names[1]["Name"].upper(), "BUILTIN")
sid = samr.hSamrLookupDomainInSamServer(dce, server, names[0]["Name"])["DomainId"]
domain = samr.hSamrOpenDomain(dce, server, MAXIMUM_ALLOWED, sid)["DomainHandle"]
users = samr.hSamrEnumerateUsersInDomain(dce, domain)["Buffer"]["Buffer"]
rids = {u["Name"]: u["RelativeId"] for u in users}
same(user in rids, True)
found = samr.hSamrLookupNamesInDomain(dce, domain, (user,))
same([e["Data"] for e in found["RelativeIds"]["Element"]], [rids[user]])
found = samr.hSamrLookupIdsInDomain(dce, domain, (rids[user],))
same([e["Data"] for e in found["Names"]["Element"]], [user])
one = samr.hSamrOpenUser(dce, domain, MAXIMUM_ALLOWED, rids[user])["UserHandle"]
level = samr.USER_INFORMATION_CLASS.UserAllInformation
info = samr.hSamrQueryInformationUser2(dce, one, level)["Buffer"]["All"]
same((info["UserName"], info["UserId"], info["PrimaryGroupId"]), (user, rids[user], 513))
for level in (1, 2, 3, 5, 7, 12):
    samr.hSamrQueryInformationDomain2(dce, domain, level)
    done += 1
groups = samr.hSamrGetGroupsForUser(dce, one)["Groups"]["Groups"]
same([g["RelativeId"] for g in groups], [513])
samr.hSamrCloseHandle(dce, one)

dce = bound("lsarpc", lsat.MSRPC_UUID_LSAT)
policy = lsad.hLsarOpenPolicy2(dce, MAXIMUM_ALLOWED)["PolicyHandle"]
told = lsat.hLsarLookupSids(dce, policy, ["S-1-5-32-544", "S-1-1-0", "S-1-5-18"])["TranslatedNames"]["Names"]
same([n["Name"] for n in told], ["Administrators", "Everyone", "SYSTEM"])
for lookup in (lsat.hLsarLookupNames, lsat.hLsarLookupNames3):
    told = lookup(dce, policy, (user, "Everyone"))["TranslatedSids"]["Sids"]
    same([s["Use"] for s in told], [1, 5])
level = lsad.POLICY_INFORMATION_CLASS.PolicyAccountDomainInformation
info = lsad.hLsarQueryInformationPolicy2(dce, policy, level)["PolicyInformation"]["PolicyAccountDomainInfo"]
same(info["DomainName"], names[0]["Name"])

dce = bound("winreg", rrp.MSRPC_UUID_RRP)
root = rrp.hOpenLocalMachine(dce)["phKey"]
same([text(rrp.hBaseRegEnumKey(dce, root, n)["lpNameOut"]) for n in (0, 1)], ["SOFTWARE", "SYSTEM"])
key = rrp.hBaseRegOpenKey(dce, root, "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion")["phkResult"]
same(text(rrp.hBaseRegQueryValue(dce, key, "CurrentVersion")[1]), "10.0")
same(text(rrp.hBaseRegEnumValue(dce, key, 0, 100)["lpValueNameOut"]), "CurrentVersion")
same(rrp.hBaseRegQueryInfoKey(dce, key)["lpcValues"], 3)
same(rrp.hBaseRegGetVersion(dce, key)["lpdwVersion"], 5)
rrp.hBaseRegCloseKey(dce, key)

dce = bound("svcctl", scmr.MSRPC_UUID_SCMR)
manager = scmr.hROpenSCManagerW(dce)["lpScHandle"]
service = scmr.hROpenServiceW(dce, manager, "LanmanServer\0")["lpServiceHandle"]
same(scmr.hRQueryServiceStatus(dce, service)["lpServiceStatus"]["dwCurrentState"], 4)
same(text(scmr.hRQueryServiceConfigW(dce, service)["lpServiceConfig"]["lpDisplayName"]), "Server")
same(len(scmr.hREnumServicesStatusW(dce, manager)), 2)

dce = bound("srvsvc", mgmt.MSRPC_UUID_MGMT)
ids = mgmt.hinq_if_ids(dce)["if_id_vector"]
same(ids["count"], 6)
same(mgmt.his_server_listening(dce)["status"], 0)

client.logoff()
print(f"{done} answers were right")
