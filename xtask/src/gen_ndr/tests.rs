// SPDX-License-Identifier: GPL-2.0-or-later
//! What is refused, with what position and hint, and that what is committed is
//! what the sources say.

use super::*;

fn compile(text: &str) -> Result<String, Fail> {
    let file = parser::parse(lexer::tokens(text)?)?;
    let all = vec![("x".to_owned(), file)];
    let (_, file) = &all[0];
    check::check(file, &all).map(|m| emit::module("x", &m))
}

const HEAD: &str = "[uuid(\"12345778-1234-ABCD-EF00-0123456789AB\"), version(1.2), \
                    pointer_default(unique)] interface x {\n";

fn refused(body: &str, at: &str, what: &str) {
    let text = format!("{HEAD}{body}\n}}");
    let e = compile(&text).expect_err(body).to_string();
    assert!(e.starts_with(&format!("{at}: ")), "{body}: {e}");
    assert!(e.contains(what), "{body}: {e}");
    assert!(e.contains("\n  hint: "), "{e}");
}

#[test]
fn names_of_rust() {
    for (idl, rust) in [
        ("WKSTA_INFO_100", "WkstaInfo100"),
        ("NetrWkstaGetInfo", "NetrWkstaGetInfo"),
        ("_RPC_SID", "RpcSid"),
    ] {
        assert_eq!(check::camel(idl), rust);
    }
    for (idl, rust) in [
        ("ServerName", "server_name"),
        ("lpcbData", "lpcb_data"),
        ("wki100_platform_id", "wki100_platform_id"),
        ("DomainSID", "domain_sid"),
        ("Type", "type_"),
    ] {
        assert_eq!(check::snake(idl), rust);
    }
}

#[test]
fn a_call_becomes_two_messages() {
    let body = "[opnum(3)] long F([in, unique, string] wchar_t *Name, [in] long Count, \
                [in, size_is(Count)] long *List, [out] long *Found);";
    let rust = compile(&format!("{HEAD}{body}\n}}")).unwrap();
    for part in [
        "pub name: Option<String>,",
        "pub list: Vec<u32>,",
        "size_is(self.list.counts(), self.count.number())?;",
        "pub found: u32,",
        "pub const VERSION: u32 = 131073;",
        "0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef",
        "F = 3,",
    ] {
        assert!(rust.contains(part), "{part} in\n{rust}");
    }
}

#[test]
fn mistakes_have_a_place_and_a_hint() {
    refused(
        "typedef struct { long a; } A, *",
        "3:1",
        "a name is missing",
    );
    refused(
        "typedef struct { lung a; } A;",
        "2:18",
        "unknown type `lung`",
    );
    refused(
        "typedef struct { long a; long a; } A;",
        "2:31",
        "second time",
    );
    refused("typedef struct { A *a; } A;", "2:26", "contains itself");
    refused("typedef struct { } A;", "2:20", "nothing");
    refused(
        "typedef union { [case(1)] long a; } A;",
        "2:9",
        "type of its tag",
    );
    refused(
        "typedef [switch_type(long)] union { [case(1)] long a; [case(1)] long b; } A;",
        "2:55",
        "second time",
    );
    refused(
        "typedef struct { [size_is(n)] long *a; } A;",
        "2:27",
        "called `n`",
    );
    refused("typedef struct { long a[]; } A;", "2:23", "no known size");
    refused(
        "typedef struct { [ptr] long *a; } A;",
        "2:19",
        "full pointers",
    );
    refused(
        "typedef struct { [string] char *a; } A;",
        "2:27",
        "a string of `char`",
    );
    refused(
        "typedef struct { long n; [size_is(n)] long a[]; long b; } A;",
        "2:44",
        "before other",
    );
    refused("typedef struct { long *a[3]; } A;", "2:24", "no form here");
    refused("typedef struct { long a[0]; } A;", "2:23", "no form here");
    refused("void F();", "2:1", "without its number");
    refused("[opnum(1)] void F(long a);", "2:24", "which way");
    refused(
        "[opnum(1)] void F();\n[opnum(1)] void G();",
        "3:1",
        "out of order",
    );
    refused("[opnum(1)] hyper F();", "2:12", "returns `hyper`");
    refused("[odd] void F();", "2:2", "unknown attribute `odd`");
    refused(
        "typedef struct { [range(5, 4)] long a; } A;",
        "2:19",
        "empty range",
    );
    refused("/* no end", "2:1", "without end");
    refused("typedef struct { long a @ } A;", "2:25", "no meaning");
}

#[test]
fn the_crate_is_what_the_sources_say() {
    assert_eq!(stale().unwrap(), Vec::<String>::new());
}
