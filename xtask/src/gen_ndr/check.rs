// SPDX-License-Identifier: GPL-2.0-or-later
//! What the names of a file mean: Rust types, and the relations between fields
//! that have to hold. What the runtime has no form for is refused here.

use super::ast::{Arm, Atom, Attr, Call, Decl, Dim, Expr, File, Kind, Name, Type};
use super::{Fail, Pos};

type Res<T> = Result<T, Fail>;

/// A field of a structure or a message.
pub(super) struct Field {
    pub(super) doc: Vec<String>,
    pub(super) idl: String,
    pub(super) name: String,
    pub(super) ty: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Size,
    Length,
    Switch,
}

/// `field`'s size, length or tag is `start` with `ops` done to it.
pub(super) struct Rule {
    pub(super) relation: Relation,
    pub(super) field: String,
    /// The other field; `None` for a constant.
    pub(super) of: Option<String>,
    pub(super) constant: u64,
    pub(super) ops: Vec<(char, u64)>,
}

pub(super) struct Record {
    pub(super) doc: Vec<String>,
    pub(super) idl: String,
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    pub(super) rules: Vec<Rule>,
    pub(super) ranges: Vec<(String, u64, u64)>,
}

/// Number, or the default; name; type.
pub(super) struct Variant {
    pub(super) value: Option<u64>,
    pub(super) name: String,
    pub(super) ty: Option<String>,
}

pub(super) enum Item {
    Enum {
        doc: Vec<String>,
        name: String,
        wide: bool,
        values: Vec<(String, u64)>,
    },
    Struct(Record),
    Union {
        doc: Vec<String>,
        idl: String,
        name: String,
        tag: String,
        arms: Vec<Variant>,
    },
}

pub(super) struct Served {
    pub(super) doc: Vec<String>,
    pub(super) opnum: u16,
    pub(super) name: String,
    pub(super) request: Record,
    pub(super) response: Record,
}

pub(super) struct Face {
    pub(super) name: String,
    pub(super) uuid: [u8; 16],
    pub(super) version: (u16, u16),
    pub(super) calls: Vec<Served>,
}

pub(super) struct Module {
    pub(super) doc: Vec<String>,
    pub(super) items: Vec<Item>,
    pub(super) face: Option<Face>,
}

/// `WKSTA_INFO_100`, `NetrWkstaGetInfo` → `WkstaInfo100`, `NetrWkstaGetInfo`.
pub(super) fn camel(name: &str) -> String {
    let shout = !name.chars().any(|c| c.is_ascii_lowercase());
    let mut out = String::new();
    for word in name.split('_').filter(|w| !w.is_empty()) {
        let (head, rest) = word.split_at(1);
        out.push_str(&head.to_ascii_uppercase());
        if shout {
            out.push_str(&rest.to_ascii_lowercase());
        } else {
            out.push_str(rest);
        }
    }
    out
}

/// `ServerName`, `lpcbData`, `NTStatus` → `server_name`, `lpcb_data`, `nt_status`.
pub(super) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (n, c) in chars.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|i| chars.get(i));
        let after = chars.get(n + 1);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || (b.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    match out.as_str() {
        "type" | "use" | "ref" | "in" | "fn" | "mod" | "self" | "match" => format!("{out}_"),
        _ => out,
    }
}

struct Scope<'a> {
    own: &'a File,
    imported: Vec<(&'a str, &'a File)>,
}

/// A type without aliases: its Rust name, and pointers that aliases brought.
struct Base {
    ty: String,
    pointers: usize,
    /// 16 bits, for strings.
    wide_char: bool,
    byte: bool,
}

fn builtin(name: &str) -> Option<&'static str> {
    Some(match name {
        "unsigned char" | "char" | "byte" | "boolean" | "UCHAR" | "BYTE" | "BOOLEAN" => "u8",
        "unsigned short" | "short" | "wchar_t" | "USHORT" | "WCHAR" | "WORD" => "u16",
        "unsigned long" | "long" | "unsigned int" | "int" | "ULONG" | "LONG" | "DWORD"
        | "NTSTATUS" | "NET_API_STATUS" | "error_status_t" => "u32",
        "unsigned hyper" | "hyper" | "ULONGLONG" | "LONGLONG" => "u64",
        _ => return None,
    })
}

impl<'a> Scope<'a> {
    fn find(&self, name: &str) -> Option<(Option<&'a str>, &'a Type)> {
        let within = |f: &'a File| f.types.iter().find(|t| t.name.text == name);
        if let Some(t) = within(self.own) {
            return Some((None, t));
        }
        self.imported
            .iter()
            .find_map(|(module, f)| within(f).map(|t| (Some(*module), t)))
    }

    fn base(&self, name: &Name) -> Res<Base> {
        let mut pointers = 0;
        let mut at = name.clone();
        for _ in 0..16 {
            if let Some(ty) = builtin(&at.text) {
                return Ok(Base {
                    ty: ty.into(),
                    pointers,
                    wide_char: ty == "u16",
                    byte: ty == "u8",
                });
            }
            let Some((module, t)) = self.find(&at.text) else {
                return Err(Fail::new(
                    name.pos,
                    format!("unknown type `{}`", at.text),
                    "declare it before, or import the file that does",
                ));
            };
            let ty = match &t.kind {
                Kind::Alias(to, more) => {
                    pointers += more;
                    at = to.clone();
                    continue;
                }
                Kind::Handle => "Handle".into(),
                _ => match module {
                    Some(module) => format!("super::{module}::{}", camel(&t.name.text)),
                    None => camel(&t.name.text),
                },
            };
            return Ok(Base {
                ty,
                pointers,
                wide_char: false,
                byte: false,
            });
        }
        Err(Fail::new(
            name.pos,
            "a type that means itself",
            "break the circle",
        ))
    }
}

fn word<'a>(decl: &'a Decl, wanted: &str) -> Option<&'a Name> {
    decl.attrs.iter().find_map(|a| match a {
        Attr::Word(n) if n.text == wanted => Some(n),
        _ => None,
    })
}

fn counts(decl: &Decl, size: bool) -> &[Option<Expr>] {
    let found = decl.attrs.iter().find_map(|a| match a {
        Attr::SizeIs(e) if size => Some(e),
        Attr::LengthIs(e) if !size => Some(e),
        _ => None,
    });
    found.map_or(&[], Vec::as_slice)
}

/// The Rust type of a declaration.
fn rust_type(scope: &Scope<'_>, d: &Decl, param: bool, unique_default: bool) -> Res<String> {
    let base = scope.base(&d.base)?;
    let depth = base.pointers + d.pointers;
    let at = d.name.pos;
    if let Some(n) = word(d, "ptr") {
        return Err(Fail::new(
            n.pos,
            "full pointers have no form here",
            "use unique; no interface here shares what it points to",
        ));
    }
    let string = word(d, "string").is_some();
    let (sizes, lengths) = (counts(d, true), counts(d, false));
    let mut ty = base.ty;
    match (&d.dim, string) {
        (Some(Dim::Fixed(n)), true) if base.wide_char => ty = format!("FixedString<{n}>"),
        (Some(Dim::Fixed(n @ (6 | 8 | 16))), false) if base.byte => ty = format!("[u8; {n}]"),
        (Some(Dim::Fixed(n @ 1..)), false) if depth == 0 => ty = format!("Fixed<{ty}, {n}>"),
        (Some(Dim::Fixed(n)), _) => {
            return Err(Fail::new(
                at,
                format!("an array of {n} such elements has no form here"),
                "arrays of values have, one at least, and [string] wchar_t name[N]",
            ))
        }
        (Some(Dim::Conformant), false) => {
            if !matches!(sizes, [Some(_)]) {
                return Err(Fail::new(
                    at,
                    "an array of no known size",
                    "say it with [size_is(…)]",
                ));
            }
            let array = if lengths.is_empty() { "Vec" } else { "Varying" };
            let pointers = (0..depth).fold(ty, |t, _| format!("Option<{t}>"));
            return Ok(format!("{array}<{pointers}>"));
        }
        (Some(Dim::Conformant), true) => {
            return Err(Fail::new(at, "an array of strings", "use a pointer to one"))
        }
        (None, true) if depth == 0 => {
            return Err(Fail::new(
                at,
                "a string that is no pointer",
                "write wchar_t *name or wchar_t name[N]",
            ))
        }
        (None, true) if !base.wide_char => {
            return Err(Fail::new(
                d.base.pos,
                format!("a string of `{}`", d.base.text),
                "strings are of wchar_t; for others use size_is and length_is",
            ))
        }
        _ => {}
    }
    if sizes.len() > depth || lengths.len() > sizes.len() {
        return Err(Fail::new(
            at,
            "more sizes than pointers",
            "each size belongs to a level of pointers, the outermost first",
        ));
    }
    for level in (0..depth).rev() {
        let sized = sizes.get(level).is_some_and(Option::is_some);
        let varying = lengths.get(level).is_some_and(Option::is_some);
        if sized {
            ty = format!("{}<{ty}>", if varying { "Varying" } else { "Vec" });
        } else if string && level + 1 == depth {
            ty = "String".into();
        }
        let is_ref = if level == 0 && param {
            word(d, "unique").is_none()
        } else if level == 0 {
            word(d, "ref").is_some()
        } else {
            false
        };
        if is_ref && !param {
            return Err(Fail::new(
                at,
                "a ref pointer within a structure has no form here",
                "use unique",
            ));
        }
        if !is_ref {
            if !unique_default && word(d, "unique").is_none() {
                return Err(Fail::new(
                    at,
                    "a pointer of no known kind",
                    "say [unique], or pointer_default(unique) for the interface",
                ));
            }
            ty = format!("Option<{ty}>");
        }
    }
    Ok(ty)
}

/// The relations that a declaration demands; `known` says which names there are.
fn rules(d: &Decl, known: &dyn Fn(&str) -> Option<bool>, out: &mut Vec<Rule>) -> Res<()> {
    let mut add = |relation, e: &Expr| -> Res<()> {
        let (of, constant) = match &e.start {
            Atom::Number(n) => (None, *n),
            Atom::Name(n) => match known(n) {
                None => {
                    return Err(Fail::new(
                        e.pos,
                        format!("nothing here is called `{n}`"),
                        "name a field of the same structure or a parameter of the same call",
                    ))
                }
                // It is there, but on the other side's message.
                Some(false) => return Ok(()),
                Some(true) => (Some(snake(n)), 0),
            },
        };
        out.push(Rule {
            relation,
            field: snake(&d.name.text),
            of,
            constant,
            ops: e.ops.clone(),
        });
        Ok(())
    };
    for (relation, list) in [
        (Relation::Size, counts(d, true)),
        (Relation::Length, counts(d, false)),
    ] {
        // Only the outermost level's counts can be looked at as a whole.
        if let Some(Some(e)) = list.first() {
            add(relation, e)?;
        }
    }
    for a in &d.attrs {
        if let Attr::SwitchIs(e) = a {
            add(Relation::Switch, e)?;
        }
    }
    Ok(())
}

fn range(d: &Decl) -> Res<Option<(String, u64, u64)>> {
    for a in &d.attrs {
        if let Attr::Range(pos, low, high) = a {
            if low > high {
                return Err(Fail::new(*pos, "an empty range", "range(LEAST, GREATEST)"));
            }
            return Ok(Some((snake(&d.name.text), *low, *high)));
        }
    }
    Ok(None)
}

fn field(d: &Decl, ty: String) -> Field {
    Field {
        doc: d.doc.clone(),
        idl: d.name.text.clone(),
        name: snake(&d.name.text),
        ty,
    }
}

fn duplicate<'n>(names: impl Iterator<Item = &'n Name>) -> Res<()> {
    let mut seen: Vec<&str> = Vec::new();
    for n in names {
        if seen.contains(&n.text.as_str()) {
            return Err(Fail::new(
                n.pos,
                format!("`{}` for the second time", n.text),
                "give it another name",
            ));
        }
        seen.push(&n.text);
    }
    Ok(())
}

fn record(scope: &Scope<'_>, t: &Type, fields: &[Decl], unique: bool) -> Res<Record> {
    duplicate(fields.iter().map(|f| &f.name))?;
    if fields.is_empty() {
        return Err(Fail::new(
            t.name.pos,
            "a structure of nothing",
            "what takes no bytes cannot be counted; leave it out",
        ));
    }
    let mut out = Record {
        doc: t.doc.clone(),
        idl: t.name.text.clone(),
        name: camel(&t.name.text),
        fields: Vec::new(),
        rules: Vec::new(),
        ranges: Vec::new(),
    };
    let known = |n: &str| fields.iter().any(|f| f.name.text == n).then_some(true);
    for (n, d) in fields.iter().enumerate() {
        if matches!(d.dim, Some(Dim::Conformant)) && n + 1 != fields.len() {
            return Err(Fail::new(
                d.name.pos,
                "a conformant array before other fields",
                "it has to be the last, or behind a pointer",
            ));
        }
        let ty = rust_type(scope, d, false, unique)?;
        rules(d, &known, &mut out.rules)?;
        out.ranges.extend(range(d)?);
        out.fields.push(field(d, ty));
    }
    Ok(out)
}

fn variants(scope: &Scope<'_>, at: Pos, arms: &[Arm], unique: bool) -> Res<Vec<Variant>> {
    let mut out: Vec<Variant> = Vec::new();
    for arm in arms {
        if out.iter().any(|v| v.value == arm.value) {
            return Err(Fail::new(
                arm.pos,
                "an arm for the second time",
                "each number and the default have one arm",
            ));
        }
        let (name, ty) = match &arm.decl {
            Some(d) => (
                camel(&snake(&d.name.text)),
                Some(rust_type(scope, d, false, unique)?),
            ),
            None if arm.value.is_none() => ("Other".into(), None),
            None => (format!("Empty{}", arm.value.unwrap_or(0)), None),
        };
        out.push(Variant {
            value: arm.value,
            name,
            ty,
        });
    }
    if out.first().is_none_or(|v| v.value.is_none()) {
        return Err(Fail::new(
            at,
            "a union that does not begin with a case",
            "put [case(N)] first and [default] last",
        ));
    }
    Ok(out)
}

/// No type contains itself: there would be no end to reading it.
fn no_circles(file: &File) -> Res<()> {
    fn visit<'a>(file: &'a File, t: &'a Type, path: &mut Vec<&'a str>) -> Res<()> {
        if path.contains(&t.name.text.as_str()) {
            return Err(Fail::new(
                t.name.pos,
                format!("`{}` contains itself", t.name.text),
                "what is nested without end is not read here; make a list of it",
            ));
        }
        path.push(&t.name.text);
        let names: Vec<&Name> = match &t.kind {
            Kind::Struct(fields) => fields.iter().map(|f| &f.base).collect(),
            Kind::Union(_, arms) => arms
                .iter()
                .filter_map(|a| a.decl.as_ref().map(|d| &d.base))
                .collect(),
            Kind::Alias(to, _) => vec![to],
            _ => Vec::new(),
        };
        for n in names {
            if let Some(next) = file.types.iter().find(|t| t.name.text == n.text) {
                visit(file, next, path)?;
            }
        }
        path.pop();
        Ok(())
    }
    file.types
        .iter()
        .try_for_each(|t| visit(file, t, &mut Vec::new()))
}

fn message(scope: &Scope<'_>, c: &Call, request: bool, unique: bool) -> Res<Record> {
    let (dir, suffix) = if request {
        ("in", "Request")
    } else {
        ("out", "Response")
    };
    let has = |d: &Decl, w: &str| word(d, w).is_some();
    let mut out = Record {
        doc: Vec::new(),
        idl: c.name.text.clone(),
        name: format!("{}{suffix}", camel(&c.name.text)),
        fields: Vec::new(),
        rules: Vec::new(),
        ranges: Vec::new(),
    };
    for d in &c.params {
        if !has(d, "in") && !has(d, "out") {
            return Err(Fail::new(
                d.name.pos,
                format!("which way does `{}` go?", d.name.text),
                "say [in], [out] or [in, out]",
            ));
        }
        if !has(d, dir) {
            continue;
        }
        // What a server answers may be related to what it was asked, which is
        // its own business.
        let known = |n: &str| {
            let other = c.params.iter().find(|p| p.name.text == n)?;
            Some(has(other, dir) && (request || (!has(other, "in") && !has(d, "in"))))
        };
        let ty = rust_type(scope, d, true, unique)?;
        rules(d, &known, &mut out.rules)?;
        if request {
            out.ranges.extend(range(d)?);
        }
        out.fields.push(field(d, ty));
    }
    if !request && c.returns.text != "void" {
        let base = scope.base(&c.returns)?;
        if base.ty != "u32" {
            return Err(Fail::new(
                c.returns.pos,
                format!("a call that returns `{}`", c.returns.text),
                "calls return 32 bits or void",
            ));
        }
        out.fields.push(Field {
            doc: vec!["What the call returns.".into()],
            idl: "status".into(),
            name: "status".into(),
            ty: "u32".into(),
        });
    }
    Ok(out)
}

fn face(scope: &Scope<'_>, file: &File, unique: bool) -> Res<Option<Face>> {
    let Some(i) = &file.interface else {
        return Ok(None);
    };
    let uuid = i.attrs.iter().find_map(|a| match a {
        Attr::Uuid(u) => Some(*u),
        _ => None,
    });
    let version = i.attrs.iter().find_map(|a| match a {
        Attr::Version(a, b) => Some((*a, *b)),
        _ => None,
    });
    let (Some(uuid), Some(version)) = (uuid, version) else {
        return Err(Fail::new(
            i.name.pos,
            "an interface without uuid or version",
            "[uuid(\"…\"), version(1.0), pointer_default(unique)] interface …",
        ));
    };
    duplicate(i.calls.iter().map(|c| &c.name))?;
    let mut calls: Vec<Served> = Vec::new();
    for c in &i.calls {
        if calls.last().is_some_and(|last| last.opnum >= c.opnum) {
            return Err(Fail::new(
                c.pos,
                format!("opnum {} out of order", c.opnum),
                "calls stand in the order of their numbers, each once",
            ));
        }
        duplicate(c.params.iter().map(|p| &p.name))?;
        calls.push(Served {
            doc: c.doc.clone(),
            opnum: c.opnum,
            name: camel(&c.name.text),
            request: message(scope, c, true, unique)?,
            response: message(scope, c, false, unique)?,
        });
    }
    Ok(Some(Face {
        name: i.name.text.clone(),
        uuid,
        version,
        calls,
    }))
}

pub(super) fn check(file: &File, all: &[(String, File)]) -> Res<Module> {
    let mut scope = Scope {
        own: file,
        imported: Vec::new(),
    };
    for import in &file.imports {
        let wanted = import.text.strip_suffix(".idl").unwrap_or(&import.text);
        let Some((name, f)) = all.iter().find(|(name, _)| name == wanted) else {
            return Err(Fail::new(
                import.pos,
                format!("there is no `{}`", import.text),
                "files that are imported lie beside the one that does",
            ));
        };
        scope.imported.push((name, f));
    }
    duplicate(file.types.iter().map(|t| &t.name))?;
    no_circles(file)?;
    let mut unique = file.interface.is_none();
    for a in file.interface.iter().flat_map(|i| &i.attrs) {
        if let Attr::PointerDefault(kind) = a {
            if kind.text != "unique" {
                return Err(Fail::new(
                    kind.pos,
                    format!("pointers that are `{}` by default", kind.text),
                    "pointer_default(unique) is what there is",
                ));
            }
            unique = true;
        }
    }
    let mut items = Vec::new();
    for t in &file.types {
        items.push(match &t.kind {
            Kind::Enum(wide, values) => Item::Enum {
                doc: t.doc.clone(),
                name: camel(&t.name.text),
                wide: *wide,
                values: values
                    .iter()
                    .map(|(n, v)| (snake(&n.text).to_ascii_uppercase(), *v))
                    .collect(),
            },
            Kind::Struct(fields) => Item::Struct(record(&scope, t, fields, unique)?),
            Kind::Union(tag, arms) => Item::Union {
                doc: t.doc.clone(),
                idl: t.name.text.clone(),
                name: camel(&t.name.text),
                tag: scope.base(tag)?.ty,
                arms: variants(&scope, t.name.pos, arms, unique)?,
            },
            Kind::Handle | Kind::Alias(..) => continue,
        });
    }
    Ok(Module {
        doc: file.doc.clone(),
        items,
        face: face(&scope, file, unique)?,
    })
}
