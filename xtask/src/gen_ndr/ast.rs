// SPDX-License-Identifier: GPL-2.0-or-later
//! What an IDL file says, before anybody asked whether it makes sense.

use super::Pos;

/// A name and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) pos: Pos,
}

/// What a count is made of: a name or a number, and operations with numbers.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub(super) pos: Pos,
    pub(super) start: Atom,
    pub(super) ops: Vec<(char, u64)>,
}

#[derive(Clone, Debug)]
pub(super) enum Atom {
    Number(u64),
    /// A field or parameter, or what it points to.
    Name(String),
}

#[derive(Clone, Debug)]
pub(super) enum Attr {
    /// Without an argument: `in`, `out`, `unique`, `string`, …
    Word(Name),
    Uuid([u8; 16]),
    Version(u16, u16),
    PointerDefault(Name),
    Opnum(u64),
    SizeIs(Vec<Option<Expr>>),
    LengthIs(Vec<Option<Expr>>),
    SwitchIs(Expr),
    SwitchType(Name),
    Range(Pos, u64, u64),
}

#[derive(Clone, Debug)]
pub(super) enum Dim {
    /// `[]` or `[*]`
    Conformant,
    Fixed(u64),
}

/// A field, a parameter, an arm, an alias.
#[derive(Clone, Debug)]
pub(super) struct Decl {
    pub(super) doc: Vec<String>,
    pub(super) attrs: Vec<Attr>,
    pub(super) base: Name,
    pub(super) pointers: usize,
    pub(super) name: Name,
    pub(super) dim: Option<Dim>,
}

/// An arm of a union; `None` as value is the default, as declaration nothing.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    pub(super) pos: Pos,
    pub(super) value: Option<u64>,
    pub(super) decl: Option<Decl>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Whether it has 32 bits, and its names.
    Enum(bool, Vec<(Name, u64)>),
    Struct(Vec<Decl>),
    Union(Name, Vec<Arm>),
    Handle,
    /// Another type behind so many pointers.
    Alias(Name, usize),
}

#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) doc: Vec<String>,
    pub(super) name: Name,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) doc: Vec<String>,
    pub(super) pos: Pos,
    pub(super) opnum: u16,
    pub(super) name: Name,
    pub(super) returns: Name,
    pub(super) params: Vec<Decl>,
}

#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) name: Name,
    pub(super) attrs: Vec<Attr>,
    pub(super) calls: Vec<Call>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct File {
    pub(super) doc: Vec<String>,
    pub(super) imports: Vec<Name>,
    pub(super) types: Vec<Type>,
    pub(super) interface: Option<Interface>,
}
