// SPDX-License-Identifier: GPL-2.0-or-later
//! The engine's messages, as events of `tracing`.

use std::fmt::Arguments;

use kernel::print::Level;

/// Passes a message on.
pub(super) fn log(level: Level, module: &str, args: Arguments<'_>) {
    let text = args.to_string();
    let text = text.trim_end();
    match level {
        Level::Emerg | Level::Alert | Level::Crit | Level::Err => {
            tracing::error!(target: "ksmbd_engine", module, "{text}");
        }
        Level::Warning => tracing::warn!(target: "ksmbd_engine", module, "{text}"),
        Level::Notice | Level::Info => tracing::info!(target: "ksmbd_engine", module, "{text}"),
        Level::Debug => tracing::debug!(target: "ksmbd_engine", module, "{text}"),
    }
}
