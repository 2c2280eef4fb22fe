// SPDX-License-Identifier: GPL-2.0-or-later
//! Rust of a module that was checked.

use std::fmt::Write as _;

use super::check::{Face, Item, Module, Record, Relation, Rule, Served, Variant};

/// The first lines of a file that is made.
pub(super) fn head(what: &str) -> String {
    format!(
        "// SPDX-License-Identifier: GPL-2.0-or-later\n\
         // Made by `cargo xtask gen-ndr`; change mountd/idl instead.\n//! {what}\n\n"
    )
}

/// Writes a line.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{
        // Strings take everything.
        let _ = writeln!($out, $($arg)*);
    }};
}

fn docs(out: &mut String, indent: &str, doc: &[String], idl: &str) {
    if doc.is_empty() {
        line!(out, "{indent}/// `{idl}`.");
    }
    for d in doc {
        let escaped = d.replace('[', "\\[").replace(']', "\\]");
        line!(out, "{indent}/// {escaped}");
    }
}

pub(super) fn module(name: &str, m: &Module) -> String {
    let doc = m.doc.join("\n//! ").replace('[', "\\[").replace(']', "\\]");
    let mut out = head(if doc.is_empty() { name } else { &doc });
    out.push_str(
        "#![allow(unused_imports, reason = \"one list for all files\")]\n\
         #![allow(clippy::large_enum_variant, reason = \"arms are as the wire has them\")]\n\n\
         use crate::types::{in_range, length_is, size_is, switch_is};\n\
         use crate::types::{Counted, Enum16, Fixed, FixedString, Handle, Message, Ndr, Number, Varying};\n\
         use crate::wire::{Error, Reader, Syntax, Writer};\n\
         #[cfg(test)]\n\
         use crate::tests::sample::{fix, of_number, Sample, Source};\n",
    );
    for item in &m.items {
        out.push('\n');
        match item {
            Item::Enum {
                doc,
                name,
                wide,
                values,
            } => {
                docs(&mut out, "", doc, name);
                line!(
                    out,
                    "pub type {name} = {};",
                    if *wide { "u32" } else { "Enum16" }
                );
                for (value, n) in values {
                    if *wide {
                        line!(out, "pub const {value}: u32 = {n};");
                    } else {
                        line!(out, "pub const {value}: Enum16 = Enum16({n});");
                    }
                }
            }
            Item::Struct(r) => {
                record(&mut out, r);
                struct_impl(&mut out, r);
                sample(&mut out, r);
            }
            Item::Union {
                doc,
                idl,
                name,
                tag,
                arms,
            } => union(&mut out, (doc, idl, name), tag, arms),
        }
    }
    if let Some(face) = &m.face {
        interface(&mut out, face);
    }
    out
}

fn record(out: &mut String, r: &Record) {
    docs(out, "", &r.doc, &r.idl);
    line!(out, "#[derive(Clone, Debug, Default, PartialEq, Eq)]");
    line!(out, "pub struct {} {{", r.name);
    for f in &r.fields {
        docs(out, "    ", &f.doc, &f.idl);
        line!(out, "    pub {}: {},", f.name, f.ty);
    }
    line!(out, "}}");
}

fn value(rule: &Rule) -> String {
    let start = match &rule.of {
        Some(f) => format!("self.{f}.number()"),
        None => format!("{}u64", rule.constant),
    };
    rule.ops.iter().fold(start, |text, (op, n)| {
        let name = match op {
            '+' => "wrapping_add",
            '-' => "wrapping_sub",
            '*' => "wrapping_mul",
            _ => "wrapping_div",
        };
        format!("{text}.{name}({n})")
    })
}

/// A method that says whether all relations hold.
fn rules(out: &mut String, r: &Record) {
    line!(out, "    fn check(&self) -> Result<(), Error> {{");
    for rule in &r.rules {
        let f = &rule.field;
        let value = value(rule);
        match rule.relation {
            Relation::Size => line!(out, "        size_is(self.{f}.counts(), {value})?;"),
            Relation::Length => line!(out, "        length_is(self.{f}.counts(), {value})?;"),
            Relation::Switch => line!(out, "        switch_is(self.{f}.tag(), {value})?;"),
        }
    }
    for (f, low, high) in &r.ranges {
        line!(out, "        in_range(self.{f}.number(), {low}, {high})?;");
    }
    line!(out, "        Ok(())");
    line!(out, "    }}");
}

fn has_rules(r: &Record) -> bool {
    !r.rules.is_empty() || !r.ranges.is_empty()
}

/// Whether a type can have anything behind it.
fn defers(ty: &str) -> bool {
    !matches!(ty, "u8" | "u16" | "u32" | "u64" | "Handle" | "Enum16") && !ty.starts_with("[u8")
}

fn conformant(ty: &str) -> bool {
    ty.starts_with("Vec<") || ty.starts_with("Varying<")
}

fn alignment(out: &mut String, types: &[&str]) {
    let mut seen: Vec<&str> = Vec::new();
    for ty in types {
        if !seen.contains(ty) {
            seen.push(ty);
        }
    }
    line!(out, "    fn alignment(s: Syntax) -> usize {{");
    let all: String = seen.iter().fold(String::new(), |text, ty| {
        let one = format!("<{ty} as Ndr>::alignment(s)");
        if text.is_empty() {
            one
        } else {
            format!("{text}.max({one})")
        }
    });
    line!(out, "        {}", if all.is_empty() { "1" } else { &all });
    line!(out, "    }}");
}

fn struct_impl(out: &mut String, r: &Record) {
    if has_rules(r) {
        line!(out, "impl {} {{", r.name);
        rules(out, r);
        line!(out, "}}");
    }
    line!(out, "impl Ndr for {} {{", r.name);
    let types: Vec<&str> = r.fields.iter().map(|f| f.ty.as_str()).collect();
    alignment(out, &types);
    if let Some(last) = r.fields.last().filter(|f| conformant(&f.ty)) {
        let f = &last.name;
        line!(
            out,
            "    fn read_conformance(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {{"
        );
        line!(out, "        self.{f}.read_conformance(r)");
        line!(out, "    }}");
        line!(
            out,
            "    fn write_conformance(&self, w: &mut Writer) -> Result<(), Error> {{"
        );
        line!(out, "        self.{f}.write_conformance(w)");
        line!(out, "    }}");
    }
    let deferred: Vec<&str> = r
        .fields
        .iter()
        .filter(|f| defers(&f.ty))
        .map(|f| f.name.as_str())
        .collect();
    let checked = has_rules(r);
    line!(
        out,
        "    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {{"
    );
    line!(out, "        r.align(Self::alignment(r.syntax()))?;");
    for f in &r.fields {
        line!(out, "        self.{}.read(r)?;", f.name);
    }
    line!(out, "        r.end(Self::alignment(r.syntax()));");
    if checked && deferred.is_empty() {
        line!(out, "        self.check()?;");
    }
    line!(out, "        Ok(())");
    line!(out, "    }}");
    if !deferred.is_empty() {
        line!(
            out,
            "    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {{"
        );
        for f in &deferred {
            line!(out, "        self.{f}.read_deferred(r)?;");
        }
        line!(
            out,
            "        {}",
            if checked { "self.check()" } else { "Ok(())" }
        );
        line!(out, "    }}");
    }
    line!(
        out,
        "    fn write(&self, w: &mut Writer) -> Result<(), Error> {{"
    );
    if checked {
        line!(out, "        self.check()?;");
    }
    line!(out, "        w.align(Self::alignment(w.syntax()));");
    for f in &r.fields {
        line!(out, "        self.{}.write(w)?;", f.name);
    }
    line!(out, "        w.end(Self::alignment(w.syntax()));");
    line!(out, "        Ok(())");
    line!(out, "    }}");
    if !deferred.is_empty() {
        line!(
            out,
            "    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {{"
        );
        for f in &deferred {
            line!(out, "        self.{f}.write_deferred(w)?;");
        }
        line!(out, "        Ok(())");
        line!(out, "    }}");
    }
    line!(out, "}}");
}

/// How tests make one of random bytes: any fields, then what relates them.
fn sample(out: &mut String, r: &Record) {
    line!(out, "#[cfg(test)]");
    line!(out, "impl Sample for {} {{", r.name);
    line!(out, "    fn sample(s: &mut Source<'_>) -> Self {{");
    let changed = !r.rules.is_empty() || !r.ranges.is_empty();
    let unused = if r.fields.is_empty() {
        "let _ = s; "
    } else {
        ""
    };
    if changed {
        line!(out, "        let mut v = Self {{");
    } else {
        line!(out, "        {unused}Self {{");
    }
    for f in &r.fields {
        line!(out, "            {}: Sample::sample(s),", f.name);
    }
    line!(out, "        }}{}", if changed { ";" } else { "" });
    for (f, low, high) in &r.ranges {
        line!(
            out,
            "        if !({low}..={high}).contains(&v.{f}.number()) {{"
        );
        line!(out, "            v.{f} = of_number({low});");
        line!(out, "        }}");
    }
    for rule in &r.rules {
        let (f, of) = (&rule.field, rule.of.as_ref());
        let ops: String = rule.ops.iter().rev().fold(String::new(), |text, (op, n)| {
            let back = match op {
                '+' => '-',
                '-' => '+',
                '*' => '/',
                _ => '*',
            };
            format!("{text} {back} {n}")
        });
        match (rule.relation, of) {
            (Relation::Switch, Some(of)) => {
                line!(out, "        v.{of} = of_number(v.{f}.tag());");
            }
            (Relation::Size, Some(of))
                if r.rules.iter().any(|l| {
                    l.relation == Relation::Length && l.field == *f && l.of.as_ref() == Some(of)
                }) =>
            {
                line!(out, "        if let Some((_, n)) = v.{f}.counts() {{");
                line!(out, "            fix(&mut v.{f}, n);");
                line!(out, "        }}");
            }
            (Relation::Size, Some(of)) => {
                line!(out, "        if let Some((n, _)) = v.{f}.counts() {{");
                line!(out, "            v.{of} = of_number(n{ops});");
                line!(out, "        }}");
            }
            (Relation::Length, Some(of)) => {
                line!(out, "        if let Some((_, n)) = v.{f}.counts() {{");
                line!(out, "            v.{of} = of_number(n{ops});");
                line!(out, "        }}");
            }
            (Relation::Size, None) => line!(out, "        fix(&mut v.{f}, {});", rule.constant),
            (_, None) => {}
        }
    }
    if changed {
        line!(out, "        v");
    }
    line!(out, "    }}");
    line!(out, "}}");
}

fn union(out: &mut String, (doc, idl, name): (&[String], &str, &str), tag: &str, arms: &[Variant]) {
    let pattern = |v: &Variant, to: &str| {
        let mut parts = Vec::new();
        if v.value.is_none() {
            parts.push("tag");
        }
        if v.ty.is_some() {
            parts.push(to);
        }
        match parts.len() {
            0 => format!("Self::{}", v.name),
            _ => format!("Self::{}({})", v.name, parts.join(", ")),
        }
    };
    docs(out, "", doc, idl);
    line!(out, "#[derive(Clone, Debug, PartialEq, Eq)]");
    line!(out, "pub enum {name} {{");
    for v in arms {
        let mut parts = Vec::new();
        if v.value.is_none() {
            parts.push(tag);
        }
        parts.extend(v.ty.as_deref());
        match v.value {
            Some(n) => line!(out, "    /// Case {n}."),
            None => line!(out, "    /// All others; first the tag."),
        }
        match parts.len() {
            0 => line!(out, "    {},", v.name),
            _ => line!(out, "    {}({}),", v.name, parts.join(", ")),
        }
    }
    line!(out, "}}");
    let fresh = |v: &Variant| {
        let mut parts = Vec::new();
        if v.value.is_none() {
            parts.push("tag");
        }
        if v.ty.is_some() {
            parts.push("Default::default()");
        }
        match parts.len() {
            0 => format!("Self::{}", v.name),
            _ => format!("Self::{}({})", v.name, parts.join(", ")),
        }
    };
    line!(out, "impl Default for {name} {{");
    line!(out, "    fn default() -> Self {{");
    if let Some(first) = arms.first() {
        line!(out, "        {}", fresh(first));
    }
    line!(out, "    }}\n}}");
    line!(out, "impl {name} {{");
    line!(out, "    /// What it is switched to.");
    line!(out, "    #[must_use]");
    line!(out, "    pub fn tag(&self) -> u64 {{");
    line!(out, "        match self {{");
    for v in arms {
        match v.value {
            Some(n) if v.ty.is_some() => line!(out, "            Self::{}(_) => {n},", v.name),
            Some(n) => line!(out, "            Self::{} => {n},", v.name),
            None => line!(out, "            {} => tag.number(),", pattern(v, "_")),
        }
    }
    line!(out, "        }}\n    }}\n}}");
    let types: Vec<&str> = arms.iter().filter_map(|v| v.ty.as_deref()).collect();
    line!(out, "impl {name} {{");
    line!(out, "    fn arms(s: Syntax) -> usize {{");
    let mut text = String::new();
    alignment(&mut text, &types);
    // The body alone: the same for tag and arms is below.
    let body: Vec<&str> = text.lines().collect();
    line!(out, "{}", body.get(1).unwrap_or(&"        1"));
    line!(out, "    }}\n}}");
    line!(out, "impl Ndr for {name} {{");
    line!(out, "    fn alignment(s: Syntax) -> usize {{");
    line!(
        out,
        "        Self::arms(s).max(<{tag} as Ndr>::alignment(s))"
    );
    line!(out, "    }}");
    line!(
        out,
        "    fn read(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {{"
    );
    line!(out, "        r.begin_union(Self::alignment(r.syntax()))?;");
    line!(out, "        let mut tag = {tag}::default();");
    line!(out, "        tag.read(r)?;");
    line!(out, "        *self = match tag.number() {{");
    let mut default = false;
    for v in arms {
        match v.value {
            Some(n) => line!(out, "            {n} => {},", fresh(v)),
            None => {
                default = true;
                line!(out, "            _ => {},", fresh(v));
            }
        }
    }
    if !default {
        line!(
            out,
            "            _ => return Err(Error::new(\"union with an unknown tag\")),"
        );
    }
    line!(out, "        }};");
    line!(out, "        r.align(Self::arms(r.syntax()))?;");
    line!(out, "        match self {{");
    for v in arms {
        if v.ty.is_some() {
            line!(
                out,
                "            {} => to.read(r),",
                pattern(v, "to").replace("tag", "_")
            );
        }
    }
    if arms.iter().any(|v| v.ty.is_none()) {
        line!(out, "            _ => Ok(()),");
    }
    line!(out, "        }}\n    }}");
    line!(
        out,
        "    fn read_deferred(&mut self, r: &mut Reader<'_>) -> Result<(), Error> {{"
    );
    line!(out, "        match self {{");
    for v in arms {
        if v.ty.is_some() {
            let p = pattern(v, "to").replace("tag", "_");
            line!(out, "            {p} => to.read_deferred(r),");
        }
    }
    if arms.iter().any(|v| v.ty.is_none()) {
        line!(out, "            _ => Ok(()),");
    }
    line!(out, "        }}\n    }}");
    line!(
        out,
        "    fn write(&self, w: &mut Writer) -> Result<(), Error> {{"
    );
    line!(out, "        w.begin_union(Self::alignment(w.syntax()));");
    line!(
        out,
        "        {}.write(w)?;",
        match tag {
            "u8" | "u16" | "u32" | "u64" => format!("(self.tag() as {tag})"),
            _ => "Enum16(self.tag() as u16)".to_owned(),
        }
    );
    line!(out, "        w.align(Self::arms(w.syntax()));");
    line!(out, "        match self {{");
    for v in arms {
        if v.ty.is_some() {
            line!(
                out,
                "            {} => to.write(w),",
                pattern(v, "to").replace("tag", "_")
            );
        }
    }
    if arms.iter().any(|v| v.ty.is_none()) {
        line!(out, "            _ => Ok(()),");
    }
    line!(out, "        }}\n    }}");
    line!(
        out,
        "    fn write_deferred(&self, w: &mut Writer) -> Result<(), Error> {{"
    );
    line!(out, "        match self {{");
    for v in arms {
        if v.ty.is_some() {
            let p = pattern(v, "to").replace("tag", "_");
            line!(out, "            {p} => to.write_deferred(w),");
        }
    }
    if arms.iter().any(|v| v.ty.is_none()) {
        line!(out, "            _ => Ok(()),");
    }
    line!(out, "        }}\n    }}\n}}");
    line!(out, "#[cfg(test)]");
    line!(out, "impl Sample for {name} {{");
    line!(out, "    fn sample(s: &mut Source<'_>) -> Self {{");
    line!(
        out,
        "        match usize::from(s.byte()) % {} {{",
        arms.len()
    );
    for (n, v) in arms.iter().enumerate() {
        let case = if n + 1 == arms.len() {
            "_".to_owned()
        } else {
            n.to_string()
        };
        let made = fresh(v)
            .replace("Default::default()", "Sample::sample(s)")
            .replace("(tag", "(of_number(99)");
        line!(out, "            {case} => {made},");
    }
    line!(out, "        }}\n    }}\n}}");
}

fn message(out: &mut String, call: &Served, r: &Record) {
    let side = if r.name.ends_with("Request") {
        "asks"
    } else {
        "answers"
    };
    line!(out, "\n/// What {} {side}.", call.name);
    line!(out, "#[derive(Clone, Debug, Default, PartialEq, Eq)]");
    if r.fields.is_empty() {
        line!(out, "pub struct {} {{}}", r.name);
    } else {
        line!(out, "pub struct {} {{", r.name);
        for f in &r.fields {
            docs(out, "    ", &f.doc, &f.idl);
            line!(out, "    pub {}: {},", f.name, f.ty);
        }
        line!(out, "}}");
    }
    if has_rules(r) {
        line!(out, "impl {} {{", r.name);
        rules(out, r);
        line!(out, "}}");
    }
    let arg = |name: &'static str| if r.fields.is_empty() { "_" } else { name };
    line!(out, "impl Message for {} {{", r.name);
    line!(
        out,
        "    fn read({}: &mut Reader<'_>) -> Result<Self, Error> {{",
        arg("r")
    );
    if r.fields.is_empty() {
        line!(out, "        Ok(Self {{}})");
    } else {
        line!(out, "        let mut v = Self::default();");
        for f in &r.fields {
            line!(out, "        v.{}.read_whole(r)?;", f.name);
        }
        if has_rules(r) {
            line!(out, "        v.check()?;");
        }
        line!(out, "        Ok(v)");
    }
    line!(out, "    }}");
    line!(
        out,
        "    fn write(&self, {}: &mut Writer) -> Result<(), Error> {{",
        arg("w")
    );
    if has_rules(r) {
        line!(out, "        self.check()?;");
    }
    for f in &r.fields {
        line!(out, "        self.{}.write_whole(w)?;", f.name);
    }
    line!(out, "        Ok(())");
    line!(out, "    }}\n}}");
    sample(out, r);
}

fn interface(out: &mut String, face: &Face) {
    let bytes: Vec<String> = face.uuid.iter().map(|b| format!("0x{b:02x}")).collect();
    line!(out, "\n/// The interface's UUID in the order of the wire.");
    line!(out, "pub const UUID: [u8; 16] = [{}];", bytes.join(", "));
    line!(
        out,
        "/// Its version: major in the low half, minor in the high half."
    );
    let (major, minor) = face.version;
    line!(
        out,
        "pub const VERSION: u32 = {};",
        u32::from(minor) << 16 | u32::from(major)
    );
    line!(out, "\n/// The calls of {} that are served.", face.name);
    line!(out, "#[derive(Clone, Copy, Debug, PartialEq, Eq)]");
    line!(out, "pub enum Call {{");
    for c in &face.calls {
        docs(out, "    ", &c.doc, &c.name);
        line!(out, "    {} = {},", c.name, c.opnum);
    }
    line!(out, "}}");
    line!(out, "impl Call {{");
    line!(out, "    /// The call of a number.");
    line!(out, "    #[must_use]");
    line!(out, "    pub const fn of(opnum: u16) -> Option<Self> {{");
    line!(out, "        Some(match opnum {{");
    for c in &face.calls {
        line!(out, "            {} => Self::{},", c.opnum, c.name);
    }
    line!(out, "            _ => return None,");
    line!(out, "        }})\n    }}\n}}");
    line!(
        out,
        "\n/// A request in another form; none if the call is not served."
    );
    line!(out, "pub fn transcode(");
    line!(out, "    opnum: u16,");
    line!(out, "    stub: &[u8],");
    line!(out, "    (from, to): (Syntax, Syntax),");
    line!(out, ") -> Option<Result<Vec<u8>, Error>> {{");
    line!(out, "    let call = Call::of(opnum)?;");
    line!(out, "    Some(match call {{");
    for c in &face.calls {
        line!(
            out,
            "        Call::{} => {}::decode(stub, from).and_then(|m| m.encode(to)),",
            c.name,
            c.request.name
        );
    }
    line!(out, "    }})\n}}");
    for c in &face.calls {
        message(out, c, &c.request);
        message(out, c, &c.response);
    }
    line!(out, "\n/// Tests every message of the interface.");
    line!(out, "#[cfg(test)]");
    line!(out, "pub(crate) fn every(t: &mut crate::tests::Try<'_>) {{");
    for c in &face.calls {
        line!(out, "    t.message::<{}>();", c.request.name);
        line!(out, "    t.message::<{}>();", c.response.name);
    }
    line!(out, "}}");
}
