// SPDX-License-Identifier: GPL-2.0-or-later
//! Words, numbers, signs and comments of an IDL file.

use super::{Fail, Pos};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tok {
    Word(String),
    Number(u64),
    Text(String),
    /// `/// …`, about what follows.
    Doc(String),
    /// `//! …`, about the file.
    FileDoc(String),
    Sign(char),
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) tok: Tok,
    pub(super) pos: Pos,
}

struct Cursor<'a> {
    rest: &'a str,
    pos: Pos,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        if c == '\n' {
            self.pos.line += 1;
            self.pos.column = 1;
        } else {
            self.pos.column += 1;
        }
        Some(c)
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let all = self.rest;
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
        &all[..all.len() - self.rest.len()]
    }
}

/// Everything of a file, with an [`Tok::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fail> {
    let mut c = Cursor {
        rest: text,
        pos: Pos { line: 1, column: 1 },
    };
    let mut out = Vec::new();
    while let Some(ch) = c.peek() {
        let pos = c.pos;
        if ch.is_whitespace() {
            c.bump();
            continue;
        }
        let tok = if c.rest.starts_with("//") {
            let line = c.take(|ch| ch != '\n');
            match (line.strip_prefix("///"), line.strip_prefix("//!")) {
                (Some(doc), _) => Tok::Doc(doc.trim().to_owned()),
                (_, Some(doc)) => Tok::FileDoc(doc.trim().to_owned()),
                _ => continue,
            }
        } else if c.rest.starts_with("/*") {
            let Some(end) = c.rest.find("*/") else {
                return Err(Fail::new(pos, "comment without end", "close it with */"));
            };
            let stop = c.rest.len() - end - 2;
            while c.rest.len() > stop {
                c.bump();
            }
            continue;
        } else if ch.is_ascii_alphabetic() || ch == '_' {
            Tok::Word(
                c.take(|ch| ch.is_ascii_alphanumeric() || ch == '_')
                    .to_owned(),
            )
        } else if ch.is_ascii_digit() {
            let word = c.take(|ch| ch.is_ascii_alphanumeric());
            let number = match word.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16),
                None => word.parse(),
            };
            Tok::Number(number.map_err(|_| {
                Fail::new(pos, format!("`{word}` is no number"), "write 12 or 0x1F")
            })?)
        } else if ch == '"' {
            c.bump();
            let text = c.take(|ch| ch != '"' && ch != '\n').to_owned();
            if c.bump() != Some('"') {
                return Err(Fail::new(
                    pos,
                    "text without end",
                    "close it with \" on its line",
                ));
            }
            Tok::Text(text)
        } else if "[]{}(),;*/+-=.".contains(ch) {
            c.bump();
            Tok::Sign(ch)
        } else {
            return Err(Fail::new(
                pos,
                format!("`{ch}` has no meaning here"),
                "IDL has words, numbers, texts in quotes and []{}(),;*/+-=.",
            ));
        };
        out.push(Token { tok, pos });
    }
    out.push(Token {
        tok: Tok::End,
        pos: c.pos,
    });
    Ok(out)
}
