# SPDX-License-Identifier: GPL-2.0-or-later
"""A large ticket from an MIT KDC: CACHE SERVICE BYTES.

The client may name authorization data that the KDC puts into the ticket (RFC 4120 5.4.1); it is of a kind that nobody
knows, so that servers pass over it. Needs nothing but the Kerberos library.
"""
import ctypes as C
import sys


class Data(C.Structure):
    _fields_ = [("magic", C.c_int32), ("length", C.c_uint), ("data", C.c_void_p)]


class AuthData(C.Structure):
    _fields_ = [("magic", C.c_int32), ("kind", C.c_int32), ("length", C.c_uint), ("contents", C.c_void_p)]


class Creds(C.Structure):
    _fields_ = [
        ("magic", C.c_int32),
        ("client", C.c_void_p),
        ("server", C.c_void_p),
        ("key_magic", C.c_int32),
        ("enctype", C.c_int32),
        ("key_length", C.c_uint),
        ("key", C.c_void_p),
        ("times", C.c_int32 * 4),
        ("is_skey", C.c_uint),
        ("flags", C.c_int32),
        ("addresses", C.c_void_p),
        ("ticket", Data),
        ("second", Data),
        ("authdata", C.c_void_p),
    ]


lib = C.CDLL("libkrb5.so.3")


def call(function, *args):
    code = getattr(lib, function)(*args)
    assert code == 0, (function, code)


cache_name, service, size = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
context, cache = C.c_void_p(), C.c_void_p()
wanted = Creds()
call("krb5_init_context", C.byref(context))
call("krb5_cc_resolve", context, b"FILE:" + cache_name.encode(), C.byref(cache))
client, server = C.c_void_p(), C.c_void_p()
call("krb5_cc_get_principal", context, cache, C.byref(client))
call("krb5_parse_name", context, service, C.byref(server))
wanted.client, wanted.server = client, server
padding = C.create_string_buffer(size)
one = AuthData(0, 0x7000, size, C.cast(padding, C.c_void_p))
both = (C.c_void_p * 2)(C.addressof(one), None)
wanted.authdata = C.cast(both, C.c_void_p)
got = C.POINTER(Creds)()
call("krb5_get_credentials", context, C.c_int32(0), cache, C.byref(wanted), C.byref(got))
length = got.contents.ticket.length
print(length)
assert length > size, length
