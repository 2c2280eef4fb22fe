# SPDX-License-Identifier: GPL-2.0-or-later
"""Log-ins by Kerberos that no ordinary client makes.

offers            prints the mechanisms of the NEGOTIATE response
raw CACHE         a ticket without SPNEGO around it
second CACHE      Kerberos after a mechanism that the server has not: both sides sign the list, at once and later
changed CACHE     the same, and the list that arrives is not the one that is signed
merge A B CACHE   the tickets of two caches in one
ended CACHE       the ticket of the cache, whether it has ended or not; has to be refused
"""
import ctypes as C
import os
import sys
import uuid

from smbprotocol.connection import Connection
from smbprotocol.exceptions import SMBResponseException
from smbprotocol.session import SMB2SessionSetupRequest, SMB2SessionSetupResponse

SPNEGO, NTLMSSP = "2b0601050502", "2b06010401823702020a"
# Nobody here knows the last one.
KRB5, MS_KRB5, FOREIGN = "2a864886f712010202", "2a864882f712010202", "2b060105050e"
NAMES = {NTLMSSP: "NTLMSSP", KRB5: "KRB5", MS_KRB5: "MS-KRB5"}
host, port, name = os.environ.get("SMB_HOST", "127.0.0.1"), int(os.environ["PORT"]), os.environ["NAME"]


# DER.
def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def elements(data):
    out = []
    while data:
        tag, n, at = data[0], data[1], 2
        if n & 0x80:
            at += n & 0x7F
            n = int.from_bytes(data[2:at], "big")
        out.append((tag, data[at : at + n]))
        data = data[at + n :]
    return out


def only(data, tag):
    ((got, body),) = elements(data)
    assert got == tag, (got, tag)
    return body


def mech_list(*oids):
    return tlv(0x30, *(tlv(6, bytes.fromhex(o)) for o in oids))


def init(mechs, token):
    seq = tlv(0x30, tlv(0xA0, mechs), tlv(0xA2, tlv(4, token)))
    return tlv(0x60, tlv(6, bytes.fromhex(SPNEGO)), tlv(0xA0, seq))


def resp(token=None, mic=None):
    parts = []
    if token is not None:
        parts.append(tlv(0xA2, tlv(4, token)))
    if mic is not None:
        parts.append(tlv(0xA3, tlv(4, mic)))
    return tlv(0xA1, tlv(0x30, *parts))


def parse_resp(data):
    """negState, supportedMech, responseToken, mechListMIC."""
    fields = dict(elements(only(only(data, 0xA1), 0x30)))
    state = only(fields[0xA0], 10)[0] if 0xA0 in fields else None
    mech = only(fields[0xA1], 6).hex() if 0xA1 in fields else None
    token = only(fields[0xA2], 4) if 0xA2 in fields else None
    mic = only(fields[0xA3], 4) if 0xA3 in fields else None
    return state, mech, token, mic


# The client's side of GSSAPI.
class Buffer(C.Structure):
    _fields_ = [("length", C.c_size_t), ("value", C.c_void_p)]


class Oid(C.Structure):
    _fields_ = [("length", C.c_uint32), ("elements", C.c_void_p)]


def buffer(data):
    b = Buffer(len(data), C.cast(C.c_char_p(data), C.c_void_p))
    b.keep = data
    return b


def oid(hexed):
    data = bytes.fromhex(hexed)
    o = Oid(len(data), C.cast(C.c_char_p(data), C.c_void_p))
    o.keep = data
    return o


class Client:
    MUTUAL, INTEG = 2, 32

    def __init__(self, cache, mutual=True):
        os.environ["KRB5CCNAME"] = "FILE:" + cache
        self.lib = C.CDLL("libgssapi_krb5.so.2")
        self.context, self.name = C.c_void_p(), C.c_void_p()
        self.flags = self.INTEG | (self.MUTUAL if mutual else 0)
        text, kind = buffer(f"cifs@{name}".encode()), oid("2a864886f71201020104")
        self.call("gss_import_name", C.byref(text), C.byref(kind), C.byref(self.name))

    def call(self, function, *args):
        minor = C.c_uint32()
        major = getattr(self.lib, function)(C.byref(minor), *args) & 0xFFFFFFFF
        assert major < 0x10000, (function, hex(major), hex(minor.value))
        return major

    def token(self, answer=None):
        given, out, mech = buffer(answer or b""), Buffer(), oid(KRB5)
        major = self.call(
            "gss_init_sec_context", None, C.byref(self.context), self.name, C.byref(mech), C.c_uint32(self.flags),
            C.c_uint32(0), None, C.byref(given), None, C.byref(out), None, None,
        )  # fmt: skip
        self.done = not major & 1
        return C.string_at(out.value, out.length) if out.length else b""

    def sign(self, message):
        given, out = buffer(message), Buffer()
        self.call("gss_get_mic", self.context, C.c_uint32(0), C.byref(given), C.byref(out))
        return C.string_at(out.value, out.length)

    def verify(self, message, mic):
        given, mic = buffer(message), buffer(mic)
        self.call("gss_verify_mic", self.context, C.byref(given), C.byref(mic), None)


# SMB.
MORE, REFUSED = 0xC0000016, 0xC000006D


class Smb:
    def __init__(self):
        self.connection = Connection(uuid.uuid4(), host, port)
        self.connection.connect()
        self.session = 0

    def leg(self, token):
        """Status and token of one SESSION_SETUP."""
        request = SMB2SessionSetupRequest()
        request["security_mode"] = 1
        request["buffer"] = token
        sent = self.connection.send(request, sid=self.session)
        try:
            answer, status = self.connection.receive(sent), 0
        except SMBResponseException as e:
            answer, status = e.header, e.status
        self.session = answer["session_id"].get_value()
        if status not in (0, MORE):
            return status, b""
        body = SMB2SessionSetupResponse()
        body.unpack(answer["data"].get_value())
        return status, body["buffer"].get_value()


def expect(got, wanted):
    assert got == wanted, f"{got:#x} instead of {wanted:#x}"


def offers():
    token = Smb().connection.gss_negotiate_token
    inner = elements(only(token, 0x60))[1][1]
    fields = dict(elements(only(inner, 0x30)))
    oids = [value.hex() for _, value in elements(only(fields[0xA0], 0x30))]
    print(*(NAMES.get(o, o) for o in oids))


def raw(cache):
    client, smb = Client(cache), Smb()
    status, answer = smb.leg(client.token())
    expect(status, 0)
    client.token(answer)
    assert client.done, "the server did not prove who it is"


def second(cache, changed=False):
    mechs = mech_list(FOREIGN, MS_KRB5, NTLMSSP)
    signed = mech_list(FOREIGN, NTLMSSP) if changed else mechs
    for mutual in (True, False):
        client, smb = Client(cache, mutual), Smb()
        status, answer = smb.leg(init(mechs, b"what the server does not look at"))
        expect(status, MORE)
        state, mech, token, mic = parse_resp(answer)
        assert (state, mech, token, mic) == (3, MS_KRB5, None, None), (state, mech, token, mic)
        token = client.token()
        # A client that waits for no answer can sign at once.
        mic = client.sign(signed) if client.done else None
        status, answer = smb.leg(resp(token, mic))
        if mic is None:
            expect(status, MORE)
            state, mech, token, mic = parse_resp(answer)
            assert state == 1 and mech is None, (state, mech)
            client.token(token)
            assert client.done
            client.verify(mechs, mic)
            status, answer = smb.leg(resp(mic=client.sign(signed)))
        elif not changed:
            client.verify(mechs, parse_resp(answer)[3])
        expect(status, REFUSED if changed else 0)
        if not changed:
            assert parse_resp(answer)[0] == 0, parse_resp(answer)[0]


def ended(cache):
    from impacket.krb5.ccache import CCache
    from impacket.smbconnection import SessionError, SMBConnection

    ticket = CCache.loadFile(cache).getCredential(f"cifs/{name}@{os.environ['REALM']}")
    client = SMBConnection(name, host, sess_port=port)
    try:
        client.kerberosLogin(os.environ["SMB_USER"], "", os.environ["REALM"], TGS=ticket.toTGS(), useCache=False)
    except SessionError as e:
        assert e.getErrorCode() == REFUSED, hex(e.getErrorCode())
        return
    raise AssertionError("logged in")


def merge(a, b, cache):
    from impacket.krb5.ccache import CCache

    both = CCache.loadFile(a)
    # The client takes the first that fits.
    both.credentials[:0] = CCache.loadFile(b).credentials
    both.saveFile(cache)
    # Heimdal takes no cache that others may read.
    os.chmod(cache, 0o600)


what, args = sys.argv[1], sys.argv[2:]
verbs = {"offers": offers, "raw": raw, "second": second, "merge": merge, "ended": ended}
verbs["changed"] = lambda cache: second(cache, True)
verbs[what](*args)
