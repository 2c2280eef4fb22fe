// SPDX-License-Identifier: GPL-2.0-or-later
//! `bench`: our server, C ksmbd and Samba in one boot of the guest, in
//! alternating rounds, through the kernel's own client without its cache.
//!
//! The guest is emulated and the host shared, so a figure as such means little;
//! what counts is the ratio between servers, taken from each one's median.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::flags::{Bench, Machine, Server, ShareFs};
use crate::run::{self, cmd, output, project, say};
use crate::versions;
use crate::vm::{self, Job};

const MODES: [&str; 3] = ["plain", "sign", "seal"];
const METRICS: [&str; 8] = [
    "seq_read_1m",
    "seq_write_1m",
    "rand_read_4k",
    "rand_write_4k",
    "create",
    "stat",
    "rename",
    "unlink",
];

/// One line of the guest's report.
#[derive(Serialize, Deserialize, Clone)]
struct Datum {
    server: String,
    round: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The file of `--json`.
#[derive(Serialize)]
struct Document {
    kernel: &'static str,
    commit: String,
    accel: &'static str,
    rounds: u32,
    seconds_per_test: u32,
    kernel_trouble: Vec<String>,
    results: Vec<Datum>,
}

pub(crate) fn main(f: &Bench) -> Result<i32> {
    run::catch_signals()?;
    let rounds = f.rounds.unwrap_or(if f.quick { 1 } else { 3 });
    let (seconds, files, fs) = if f.quick {
        (2, 100, ShareFs::Tmpfs)
    } else {
        (4, 300, f.fs)
    };
    let servers = if f.servers.is_empty() {
        vec![Server::Ours, Server::Ksmbd, Server::Samba]
    } else {
        f.servers.clone()
    };
    let names: Vec<&str> = servers.iter().map(|s| s.name()).collect();
    let machine = Machine {
        debug: None,
        server: Server::None,
        fs,
        timeout: f.timeout,
        forward: None,
        smp: 2,
        mem: "3G".into(),
        module: None,
        console: false,
        keep: false,
        systemd: false,
        applications: false,
        files: Vec::new(),
    };
    let job = Job::Bench {
        settings: vec![
            format!("ROUNDS={rounds}"),
            format!("SECONDS_PER_TEST={seconds}"),
            format!("META_FILES={files}"),
            format!("SERVERS='{}'", names.join(" ")),
        ],
        ours: servers.contains(&Server::Ours),
    };
    let outcome = vm::run(&machine, &job)?;
    let results: Vec<Datum> = outcome
        .data
        .iter()
        .filter_map(|l| serde_json::from_str(l).ok())
        .collect();
    print(&results, &names);
    if let Some(path) = &f.json {
        let commit = {
            let mut c = cmd("git", ["describe", "--always", "--dirty"]);
            c.current_dir(project());
            output(c).map(|s| s.trim().to_owned()).unwrap_or_default()
        };
        let document = Document {
            kernel: versions::KERNEL,
            commit,
            accel: vm::accel_name()?,
            rounds,
            seconds_per_test: seconds,
            kernel_trouble: outcome.splats.clone(),
            results,
        };
        write_json(path, &document)?;
    }
    Ok(outcome.code)
}

fn write_json(path: &Path, document: &Document) -> Result<()> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    say(format!("figures in {}", path.display()));
    Ok(())
}

type Key = (String, String, String);

/// Median per server, mode and metric.
fn medians(results: &[Datum]) -> BTreeMap<Key, f64> {
    let mut all: BTreeMap<Key, Vec<f64>> = BTreeMap::new();
    for d in results {
        if let (Some(mode), Some(metric), Some(value)) = (&d.mode, &d.metric, d.value) {
            let key = (d.server.clone(), mode.clone(), metric.clone());
            all.entry(key).or_default().push(value);
        }
    }
    all.into_iter()
        .filter_map(|(k, v)| Some((k, median(v)?)))
        .collect()
}

fn median(mut v: Vec<f64>) -> Option<f64> {
    v.sort_by(f64::total_cmp);
    let upper = *v.get(v.len() / 2)?;
    if v.len() % 2 == 1 {
        return Some(upper);
    }
    Some((upper + *v.get(v.len() / 2 - 1)?) / 2.0)
}

fn print(results: &[Datum], servers: &[&str]) {
    let medians = medians(results);
    let get = |server: &str, mode: &str, metric: &str| {
        medians
            .get(&(server.to_owned(), mode.to_owned(), metric.to_owned()))
            .copied()
    };
    print!("{:<22}", "");
    for s in servers {
        print!("{s:>12}");
    }
    println!("{:>14}{:>14}", "ours/ksmbd", "ours/samba");
    for mode in MODES {
        for metric in METRICS {
            print!("{:<22}", format!("{metric} {mode}"));
            let throughput = metric.starts_with("seq_");
            for s in servers {
                print!(
                    "{:>12}",
                    get(s, mode, metric).map_or("-".into(), |v| figure(v, throughput))
                );
            }
            for other in ["ksmbd", "samba"] {
                let ratio = match (get("ours", mode, metric), get(other, mode, metric)) {
                    (Some(a), Some(b)) if b > 0.0 => format!("{:.2}", a / b),
                    _ => "-".into(),
                };
                print!("{ratio:>14}");
            }
            println!();
        }
    }
    println!("seq_* in MB/s, the rest in operations per second; medians; higher is better");
    for d in results {
        if let Some(e) = &d.error {
            println!("trouble: {} in round {}: {e}", d.server, d.round);
        }
    }
}

fn figure(v: f64, throughput: bool) -> String {
    if throughput {
        format!("{:.1}", v / 1e6)
    } else {
        format!("{v:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn lines_of_the_guest_are_understood() {
        let good = r#"{"server":"ours","round":1,"mode":"plain","metric":"stat","unit":"1/s","value":12.5}"#;
        let d: Datum = serde_json::from_str(good).unwrap();
        assert_eq!(d.value, Some(12.5));
        let bad = r#"{"server":"ours","round":2,"error":"did not start: x"}"#;
        let d: Datum = serde_json::from_str(bad).unwrap();
        assert!(d.value.is_none() && d.error.is_some());
    }
}
