// SPDX-License-Identifier: GPL-2.0-or-later
//! `ksmbd.control kill`: ends sessions or open files, and says which.

use std::path::Path;

use anyhow::{bail, Result};
use serde_json::{json, Value};

use crate::{ask, cell, print, print_json};

/// Ends what `target` names; it is an error if that is nothing.
pub(crate) fn run(dir: &Path, json: bool, what: &str, target: &str) -> Result<()> {
    if target.is_empty() {
        bail!("name the {what}");
    }
    let answer = ask(
        dir,
        &json!({ "cmd": "kill", "what": what, "target": target }),
    )?;
    let ended = &answer["ended"];
    if json {
        return print_json(ended);
    }
    let lines: Vec<String> = ended
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .map(human)
        .collect();
    print(&lines.join("\n"))
}

fn human(e: &Value) -> String {
    let user = match e["user"].as_str() {
        Some("") => "an anonymous user".to_owned(),
        _ => cell(&e["user"]),
    };
    let client = cell(&e["client"]);
    match e["what"].as_str() {
        Some("session") => format!(
            "ended session {} of {user} from {client} ({} open files)",
            cell(&e["id"]),
            cell(&e["opens"])
        ),
        Some("connection") => format!("ended connection {} from {client}", cell(&e["id"])),
        _ => format!(
            "closed {}/{} of {user} from {client} (open file {}:{})",
            cell(&e["share"]),
            cell(&e["path"]),
            cell(&e["session_id"]),
            cell(&e["id"])
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_ended() {
        let session = json!({
            "what": "session", "id": 17, "user": "alice", "client": "192.0.2.1:7", "opens": 3,
        });
        assert_eq!(
            human(&session),
            "ended session 17 of alice from 192.0.2.1:7 (3 open files)"
        );
        let open = json!({
            "what": "open", "id": 5, "session_id": 17, "user": "", "client": "192.0.2.1:7",
            "share": "data", "path": "a\nb",
        });
        assert_eq!(
            human(&open),
            "closed data/a\\nb of an anonymous user from 192.0.2.1:7 (open file 17:5)"
        );
    }
}
