// SPDX-License-Identifier: GPL-2.0-or-later
//! The grammar: MIDL's, as far as the interfaces here use it.
//!
//! ```text
//! file      = ("import" text ";")* (typedef | [attrs] "interface" name "{" (typedef | call)* "}")*
//! typedef   = "typedef" [attrs] type name ("," "*" name)* ";"
//! call      = attrs name name "(" ["void" | decl ("," decl)*] ")" ";"
//! decl      = [attrs] name "*"* name ["[" [number | "*"] "]"]
//! ```

use super::ast::{Arm, Atom, Attr, Call, Decl, Dim, Expr, File, Interface, Kind, Name, Type};
use super::lexer::{Tok, Token};
use super::{Fail, Pos};

type Res<T> = Result<T, Fail>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

pub(super) fn parse(tokens: Vec<Token>) -> Res<File> {
    let mut p = Parser { tokens, at: 0 };
    let mut file = File::default();
    loop {
        let doc = p.docs(&mut file);
        match p.peek().clone() {
            Tok::End => return Ok(file),
            Tok::Word(w) if w == "import" => {
                p.next();
                let pos = p.pos();
                let Tok::Text(text) = p.next() else {
                    return Err(Fail::new(pos, "import of what?", "import \"dtyp.idl\";"));
                };
                file.imports.push(Name { text, pos });
                p.sign(';')?;
            }
            Tok::Word(w) if w == "typedef" => p.typedef(doc, &mut file.types)?,
            _ => p.interface(&mut file)?,
        }
    }
}

impl Parser {
    fn peek(&self) -> &Tok {
        self.tokens.get(self.at).map_or(&Tok::End, |t| &t.tok)
    }

    fn pos(&self) -> Pos {
        let last = self.tokens.last().map_or(Pos::default(), |t| t.pos);
        self.tokens.get(self.at).map_or(last, |t| t.pos)
    }

    fn next(&mut self) -> Tok {
        let tok = self.peek().clone();
        self.at += 1;
        tok
    }

    fn fail<T>(&self, what: &str, hint: &str) -> Res<T> {
        Err(Fail::new(self.pos(), what, hint))
    }

    fn is(&self, sign: char) -> bool {
        *self.peek() == Tok::Sign(sign)
    }

    fn accept(&mut self, sign: char) -> bool {
        let yes = self.is(sign);
        if yes {
            self.at += 1;
        }
        yes
    }

    fn sign(&mut self, sign: char) -> Res<()> {
        if self.accept(sign) {
            return Ok(());
        }
        let found = match self.peek() {
            Tok::Word(w) => format!("`{w}`"),
            Tok::Sign(c) => format!("`{c}`"),
            Tok::End => "the end of the file".into(),
            _ => "something else".into(),
        };
        self.fail(
            &format!("`{sign}` is missing before {found}"),
            "look at what stands before it, too",
        )
    }

    fn name(&mut self) -> Res<Name> {
        let pos = self.pos();
        match self.peek().clone() {
            Tok::Word(text) => {
                self.at += 1;
                Ok(Name { text, pos })
            }
            _ => self.fail("a name is missing", "names are letters, digits and _"),
        }
    }

    fn number(&mut self) -> Res<u64> {
        match *self.peek() {
            Tok::Number(n) => {
                self.at += 1;
                Ok(n)
            }
            _ => self.fail("a number is missing", "write 12 or 0x1F"),
        }
    }

    fn docs(&mut self, file: &mut File) -> Vec<String> {
        while let Tok::FileDoc(d) = self.peek().clone() {
            self.at += 1;
            file.doc.push(d);
        }
        self.doc()
    }

    fn doc(&mut self) -> Vec<String> {
        let mut doc = Vec::new();
        while let Tok::Doc(d) = self.peek().clone() {
            self.at += 1;
            doc.push(d);
        }
        doc
    }

    fn interface(&mut self, file: &mut File) -> Res<()> {
        let attrs = self.attrs()?;
        let word = self.name()?;
        if word.text != "interface" || file.interface.is_some() {
            return Err(Fail::new(
                word.pos,
                format!("`{}` cannot stand here", word.text),
                "a file has imports, typedefs and one interface",
            ));
        }
        let name = self.name()?;
        self.sign('{')?;
        let mut calls = Vec::new();
        loop {
            let doc = self.doc();
            if self.accept('}') {
                break;
            }
            if *self.peek() == Tok::Word("typedef".into()) {
                self.typedef(doc, &mut file.types)?;
            } else {
                calls.push(self.call(doc)?);
            }
        }
        self.accept(';');
        file.interface = Some(Interface { name, attrs, calls });
        Ok(())
    }

    fn call(&mut self, doc: Vec<String>) -> Res<Call> {
        let pos = self.pos();
        let attrs = self.attrs()?;
        let number = attrs.iter().find_map(|a| match a {
            Attr::Opnum(n) => u16::try_from(*n).ok(),
            _ => None,
        });
        let Some(opnum) = number else {
            return Err(Fail::new(
                pos,
                "a call without its number",
                "put [opnum(N)] in front of it; numbers that are left out are not served",
            ));
        };
        let returns = self.base()?;
        let name = self.name()?;
        self.sign('(')?;
        let mut params = Vec::new();
        if *self.peek() == Tok::Word("void".into()) {
            self.next();
        } else if !self.is(')') {
            loop {
                params.push(self.decl()?);
                if !self.accept(',') {
                    break;
                }
            }
        }
        self.sign(')')?;
        self.sign(';')?;
        Ok(Call {
            doc,
            pos,
            opnum,
            name,
            returns,
            params,
        })
    }

    fn decl(&mut self) -> Res<Decl> {
        let doc = self.doc();
        let attrs = self.attrs()?;
        let base = self.base()?;
        let mut pointers = 0;
        while self.accept('*') {
            pointers += 1;
        }
        let name = self.name()?;
        let dim = if self.accept('[') {
            let dim = match *self.peek() {
                Tok::Number(n) => {
                    self.at += 1;
                    Dim::Fixed(n)
                }
                _ => {
                    self.accept('*');
                    Dim::Conformant
                }
            };
            self.sign(']')?;
            Some(dim)
        } else {
            None
        };
        Ok(Decl {
            doc,
            attrs,
            base,
            pointers,
            name,
            dim,
        })
    }

    /// A type's name; `unsigned long` is one of two words.
    fn base(&mut self) -> Res<Name> {
        let mut name = self.name()?;
        if matches!(name.text.as_str(), "unsigned" | "signed") {
            let second = self.name()?;
            name.text = format!("{} {}", name.text, second.text);
        }
        Ok(name)
    }

    fn typedef(&mut self, doc: Vec<String>, types: &mut Vec<Type>) -> Res<()> {
        self.next();
        let attrs = self.attrs()?;
        let word = |w: &str| {
            attrs
                .iter()
                .any(|a| matches!(a, Attr::Word(n) if n.text == w))
        };
        let start = self.pos();
        let base = self.base()?;
        let kind = match base.text.as_str() {
            "struct" | "union" | "enum" => {
                if !self.is('{') {
                    self.name()?;
                }
                self.sign('{')?;
                match base.text.as_str() {
                    "struct" => self.fields()?,
                    "enum" => self.constants(word("v1_enum"))?,
                    _ => {
                        let tag = attrs.iter().find_map(|a| match a {
                            Attr::SwitchType(n) => Some(n.clone()),
                            _ => None,
                        });
                        let Some(tag) = tag else {
                            return Err(Fail::new(
                                start,
                                "a union without the type of its tag",
                                "typedef [switch_type(unsigned long)] union …",
                            ));
                        };
                        Kind::Union(tag, self.arms()?)
                    }
                }
            }
            _ => {
                let mut pointers = 0;
                while self.accept('*') {
                    pointers += 1;
                }
                if word("context_handle") {
                    Kind::Handle
                } else {
                    Kind::Alias(base, pointers)
                }
            }
        };
        let name = self.name()?;
        let first = name.clone();
        types.push(Type { doc, name, kind });
        while self.accept(',') {
            self.sign('*')?;
            let name = self.name()?;
            types.push(Type {
                doc: Vec::new(),
                name,
                kind: Kind::Alias(first.clone(), 1),
            });
        }
        self.sign(';')
    }

    fn fields(&mut self) -> Res<Kind> {
        let mut fields = Vec::new();
        while !self.accept('}') {
            fields.push(self.decl()?);
            self.sign(';')?;
        }
        Ok(Kind::Struct(fields))
    }

    fn constants(&mut self, wide: bool) -> Res<Kind> {
        let mut out: Vec<(Name, u64)> = Vec::new();
        while !self.accept('}') {
            self.doc();
            let name = self.name()?;
            let value = if self.accept('=') {
                self.number()?
            } else {
                out.last().map_or(0, |(_, n)| n + 1)
            };
            out.push((name, value));
            if !self.accept(',') {
                self.sign('}')?;
                break;
            }
        }
        Ok(Kind::Enum(wide, out))
    }

    fn arms(&mut self) -> Res<Vec<Arm>> {
        let mut arms = Vec::new();
        while !self.accept('}') {
            self.doc();
            let pos = self.pos();
            self.sign('[')?;
            let word = self.name()?;
            let value = match word.text.as_str() {
                "case" => {
                    self.sign('(')?;
                    let n = self.number()?;
                    self.sign(')')?;
                    Some(n)
                }
                "default" => None,
                _ => {
                    return Err(Fail::new(
                        word.pos,
                        format!("`{}` is no arm", word.text),
                        "[case(NUMBER)] or [default], one for each arm",
                    ))
                }
            };
            let mut more = Vec::new();
            while self.accept(',') {
                more.push(self.attr()?);
            }
            self.sign(']')?;
            let decl = if self.is(';') {
                None
            } else {
                let mut decl = self.decl()?;
                decl.attrs.extend(more);
                Some(decl)
            };
            self.sign(';')?;
            arms.push(Arm { pos, value, decl });
        }
        Ok(arms)
    }

    fn attrs(&mut self) -> Res<Vec<Attr>> {
        let mut out = Vec::new();
        if !self.accept('[') {
            return Ok(out);
        }
        loop {
            out.push(self.attr()?);
            if !self.accept(',') {
                break;
            }
        }
        self.sign(']')?;
        Ok(out)
    }

    fn attr(&mut self) -> Res<Attr> {
        const WORDS: [&str; 12] = [
            "in",
            "out",
            "ref",
            "unique",
            "ptr",
            "string",
            "handle",
            "context_handle",
            "v1_enum",
            "ms_union",
            "public",
            "local",
        ];
        let name = self.name()?;
        let pos = name.pos;
        if WORDS.contains(&name.text.as_str()) {
            return Ok(Attr::Word(name));
        }
        if !self.is('(') {
            return Err(Fail::new(
                pos,
                format!("unknown attribute `{}`", name.text),
                format!("known are {}, and those with arguments", WORDS.join(", ")),
            ));
        }
        self.sign('(')?;
        let attr = match name.text.as_str() {
            "uuid" => {
                let at = self.pos();
                let Tok::Text(text) = self.next() else {
                    return Err(Fail::new(at, "a UUID is missing", "uuid(\"…\"), in quotes"));
                };
                Attr::Uuid(uuid(&text).ok_or_else(|| {
                    Fail::new(at, "this is no UUID", "8-4-4-4-12 hexadecimal digits")
                })?)
            }
            "version" => {
                let major = self.number()?;
                self.sign('.')?;
                let minor = self.number()?;
                let half = |n: u64| {
                    u16::try_from(n)
                        .map_err(|_| Fail::new(pos, "version beyond 16 bits", "version(1.0)"))
                };
                Attr::Version(half(major)?, half(minor)?)
            }
            "pointer_default" => Attr::PointerDefault(self.name()?),
            "opnum" => Attr::Opnum(self.number()?),
            "size_is" => Attr::SizeIs(self.exprs()?),
            "length_is" => Attr::LengthIs(self.exprs()?),
            "switch_is" => Attr::SwitchIs(self.expr()?),
            "switch_type" => Attr::SwitchType(self.base()?),
            "range" => {
                let low = self.number()?;
                self.sign(',')?;
                Attr::Range(pos, low, self.number()?)
            }
            _ => {
                return Err(Fail::new(
                    pos,
                    format!("unknown attribute `{}`", name.text),
                    "known are uuid, version, pointer_default, opnum, size_is, length_is, \
                     switch_is, switch_type and range",
                ))
            }
        };
        self.sign(')')?;
        Ok(attr)
    }

    /// One for each level of pointers, the outermost first; some may be missing.
    fn exprs(&mut self) -> Res<Vec<Option<Expr>>> {
        let mut out = Vec::new();
        loop {
            out.push(if self.is(',') || self.is(')') {
                None
            } else {
                Some(self.expr()?)
            });
            if !self.accept(',') {
                return Ok(out);
            }
        }
    }

    fn expr(&mut self) -> Res<Expr> {
        let pos = self.pos();
        self.accept('*');
        let start = match self.next() {
            Tok::Number(n) => Atom::Number(n),
            Tok::Word(w) => Atom::Name(w),
            _ => {
                return Err(Fail::new(
                    pos,
                    "a count is missing",
                    "a field's name, *name or a number, then + - * / and numbers",
                ))
            }
        };
        let mut ops = Vec::new();
        while let Tok::Sign(c @ ('+' | '-' | '*' | '/')) = self.peek() {
            let op = *c;
            self.at += 1;
            let n = self.number()?;
            if op == '/' && n == 0 {
                return Err(Fail::new(pos, "division by 0", "divide by 2"));
            }
            ops.push((op, n));
        }
        Ok(Expr { pos, start, ops })
    }
}

/// A UUID in the order of the wire.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let parts: Vec<&str> = text.split('-').collect();
    let lens: Vec<usize> = parts.iter().map(|p| p.len()).collect();
    if lens != [8, 4, 4, 4, 12] {
        return None;
    }
    let n = u128::from_str_radix(&parts.concat(), 16).ok()?;
    let mut out = n.to_be_bytes();
    out[..4].reverse();
    out[4..6].reverse();
    out[6..8].reverse();
    Some(out)
}
