// SPDX-License-Identifier: GPL-2.0-or-later
//! `test`: everything, the fast and telling first, the guest last.
//!
//! Ends with a line `N passed, M failed, K skipped`, which counts single tests
//! where the tool underneath does. A step that fails does not stop the others.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{bail, Context, Result};
use clap::Parser;

use crate::debian::{self, Need};
use crate::embedded::{Account, Embedded, Settings};
use crate::flags::{BuildKmod, Judged, Machine, Smbtorture, Test};
use crate::run::{self, cmd, project, say, target_dir};
use crate::vm::{self, Job};
use crate::{build_kmod, conformance, frames, fuzz, tidy};

/// By which a script says that it cannot run here.
const SKIP: i32 = 77;

#[derive(Default)]
pub(crate) struct Score {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// One line per failed step, for the end.
    what: Vec<String>,
}

impl Score {
    pub(crate) fn add(&mut self, other: &Score) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.what.extend(other.what.iter().cloned());
    }

    pub(crate) fn pass() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    pub(crate) fn fail(what: impl Into<String>) -> Self {
        Self {
            failed: 1,
            what: vec![what.into()],
            ..Self::default()
        }
    }

    fn skip() -> Self {
        Self {
            skipped: 1,
            ..Self::default()
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0
    }

    /// Says what failed, and the sums as the last line; the exit status.
    pub(crate) fn print(&self) -> i32 {
        for w in &self.what {
            println!("failed: {w}");
        }
        println!(
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        );
        i32::from(!self.is_good())
    }
}

pub(crate) fn main(f: &Test) -> Result<i32> {
    run::catch_signals()?;
    let start = Instant::now();
    let mut total = Score::default();
    let wanted = |name: &str| f.only.is_empty() || f.only.iter().any(|o| name.contains(o.as_str()));
    let mut step = |name: &str, run: &mut dyn FnMut() -> Result<Score>| -> Result<()> {
        if run::interrupted() {
            bail!("interrupted");
        }
        if !wanted(name) {
            return Ok(());
        }
        say(format!("test: {name}"));
        let begin = Instant::now();
        let score = run().unwrap_or_else(|e| {
            eprintln!("{e:#}");
            Score::fail(name)
        });
        eprintln!(
            "    {name}: {} passed, {} failed, {} skipped in {} s",
            score.passed,
            score.failed,
            score.skipped,
            begin.elapsed().as_secs()
        );
        total.add(&score);
        Ok(())
    };

    step("tidy", &mut || tidy_score(&["same sources in both builds"]))?;
    step("fmt", &mut || {
        simple("fmt", cargo(&["fmt", "--all", "--check"]))
    })?;
    step("clippy", &mut || {
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ];
        simple("clippy", cargo(&args))
    })?;
    step("cargo", &mut || {
        // One test kills tools at every step of theirs.
        debian::need(&[Need("strace", "strace")])?;
        cargo_tests(cargo(&["test", "--workspace", "--no-fail-fast"]))
    })?;
    step("interop", &mut || {
        debian::need(&CLIENTS)?;
        interop(None, &[], &mut |_, run| run())
    })?;
    step("conformance", &mut || {
        conformance(&Smbtorture {
            smoke: true,
            ..Smbtorture::default()
        })
    })?;
    if f.deep {
        // Building the targets takes longer than what every run can spare.
        step("fuzz", &mut fuzz::short)?;
    }
    if !f.quick {
        step("kmod", &mut kmod)?;
        step("conformance/kernel", &mut || {
            conformance(&Smbtorture {
                server: Judged::Kernel,
                patterns: IN_THE_GUEST.iter().map(|t| format!("smb2.{t}")).collect(),
                ..Smbtorture::default()
            })
        })?;
        let mut scripts = scripts("tests/vm")?;
        // A number means that it is part of every run.
        let every = |p: &Path| file_name(p).starts_with(|c: char| c.is_ascii_digit());
        scripts.retain(|s| f.deep || every(s));
        for script in &mut scripts {
            let name = format!("vm/{}", file_name(script));
            step(&name, &mut || guest(&name, script))?;
        }
    }

    eprintln!(
        "    {} min {} s",
        start.elapsed().as_secs() / 60,
        start.elapsed().as_secs() % 60
    );
    Ok(total.print())
}

fn cargo(args: &[&str]) -> Command {
    let mut c = cmd("cargo", args);
    c.current_dir(project());
    c
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// tidy's checks, without those that come at another step.
fn tidy_score(later: &[&str]) -> Result<Score> {
    let r = tidy::run()?;
    r.print();
    let skipped = r
        .skipped
        .iter()
        .filter(|s| !later.iter().any(|l| s.starts_with(l)))
        .count();
    let what = if r.failed > 0 {
        vec!["tidy".into()]
    } else {
        Vec::new()
    };
    Ok(Score {
        passed: r.passed,
        failed: r.failed,
        skipped,
        what,
    })
}

/// A step that is one test.
fn simple(name: &str, mut c: Command) -> Result<Score> {
    c.stdin(Stdio::null()).stdout(std::io::stderr());
    Ok(if c.status()?.success() {
        Score::pass()
    } else {
        Score::fail(name)
    })
}

/// Runs `cargo test` with its output passed through, and adds up its sums.
fn cargo_tests(mut c: Command) -> Result<Score> {
    c.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = c.spawn().context("cannot run cargo")?;
    let mut score = Score::default();
    let stdout = child.stdout.take().context("no pipe")?;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Some((p, f, s)) = sums(&line) {
            score.passed += p;
            score.failed += f;
            score.skipped += s;
            continue;
        }
        if let Some(name) = line.strip_suffix(" ... FAILED") {
            score
                .what
                .push(format!("cargo: {}", name.trim_start_matches("test ")));
        }
        // Thousands of "ok" lines tell nobody anything.
        let noise = line.is_empty() || line.ends_with(" ... ok") || line.starts_with("running ");
        if !noise {
            eprintln!("{line}");
        }
    }
    if !child.wait()?.success() && score.failed == 0 {
        score.add(&Score::fail("cargo test"));
    }
    Ok(score)
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, also the
/// `3 passed, 0 failed` of the scripts.
fn sums(line: &str) -> Option<(usize, usize, usize)> {
    let line = match line.strip_prefix("test result: ") {
        Some(rest) => rest.split_once(". ")?.1,
        None => line,
    };
    let mut found = [None; 3];
    for part in line.split([';', ',']) {
        let (n, word) = part.trim().split_once(' ')?;
        let at = match word {
            "passed" => 0,
            "failed" => 1,
            "ignored" | "skipped" => 2,
            _ => continue,
        };
        *found.get_mut(at)? = Some(n.parse().ok()?);
    }
    let [passed, failed, skipped] = found;
    Some((passed?, failed?, skipped.unwrap_or(0)))
}

/// The executable scripts of a directory, in order.
fn scripts(dir: &str) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    let Ok(entries) = fs::read_dir(project().join(dir)) else {
        return Ok(all);
    };
    for e in entries {
        let path = e?.path();
        let executable = path.metadata()?.permissions().mode() & 0o111 != 0;
        if executable && path.extension().is_some_and(|e| e == "sh") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Foreign clients against the embedded host: one fresh server per script.
///
/// On any port unless one is named; `around` is told each script's name and
/// runs it.
pub(crate) fn interop(
    port: Option<u16>,
    env: &[(&str, &str)],
    around: &mut Around<'_>,
) -> Result<Score> {
    need_venv()?;
    let bin = vm::build_programs()?;
    let mut score = Score::default();
    for script in scripts("tests/interop")? {
        let name = format!("interop/{}", file_name(&script));
        let one = interop_one((&name, &script), &bin, port, env, around);
        score.add(&one.unwrap_or_else(|e| {
            eprintln!("{name}: {e:#}");
            Score::fail(&name)
        }));
    }
    Ok(score)
}

/// What is done before and after a script, given its name.
pub(crate) type Around<'a> =
    dyn FnMut(&str, &mut dyn FnMut() -> Result<Score>) -> Result<Score> + 'a;

/// What the interop scripts need.
pub(crate) const CLIENTS: [Need; 7] = [
    Need("ip", "iproute2"),
    Need("smbclient", "smbclient"),
    Need("net", "samba-common-bin"),
    Need("python3", "python3"),
    Need("krb5kdc", "krb5-kdc"),
    Need("kadmin.local", "krb5-admin-server"),
    Need("kinit", "krb5-user"),
];

/// Debian keeps what `python3 -m venv` needs in a package of its own.
fn need_venv() -> Result<()> {
    let mut c = cmd("python3", ["-c", "import ensurepip"]);
    c.stderr(Stdio::null());
    if c.status()?.success() {
        return Ok(());
    }
    debian::need(&[Need("/no/such/program", "python3-venv")])
}

fn interop_one(
    (name, script): (&str, &Path),
    bin: &Path,
    port: Option<u16>,
    env: &[(&str, &str)],
    around: &mut Around<'_>,
) -> Result<Score> {
    let port = port.map_or_else(free_port, Ok)?;
    let dir = target_dir()
        .join("interop")
        .join(format!("{}-{port}", std::process::id()));
    fs::remove_dir_all(&dir).ok();
    fs::create_dir_all(&dir)?;
    let own = dir.with_extension("server");
    let (user, password) = ("alice", "secret-123");
    let server = Embedded::start(&Settings {
        bin: bin.to_path_buf(),
        port,
        dir: Some(own.clone()),
        config: format!("[global]\nrpc_admins = [\"{user}\"]\n"),
        shares: vec![("data".into(), dir.clone())],
        accounts: vec![Account {
            name: user.into(),
            password: password.into(),
            uid: None,
        }],
        // Not the machine's: a script may write one.
        env: vec![("KRB5_CONFIG".into(), own.join("krb5.conf"))],
    })?;
    let mut score = around(name, &mut || {
        let mut c = cmd("bash", [script]);
        c.env("PORT", port.to_string())
            .env("SHARE", "data")
            .env("SHARE_DIR", &dir)
            .env("SERVER_DIR", &own)
            .env("BIN", bin);
        c.env("SMB_USER", user).env("SMB_PASSWORD", password);
        c.envs(env.iter().copied());
        script_score(name, c)
    })?;
    if score.failed > 0 {
        eprintln!("server log:\n{}", server.log_tail());
    }
    if let Err(e) = server.stop() {
        eprintln!("{name}: {e:#}");
        score.add(&Score::fail(format!("{name}: the server did not end well")));
    }
    fs::remove_dir_all(&dir).ok();
    Ok(score)
}

/// Runs a script with its output passed through; its last line may hold sums.
fn script_score(name: &str, mut c: Command) -> Result<Score> {
    c.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = c.spawn().with_context(|| format!("cannot run {name}"))?;
    let stdout = child.stdout.take().context("no pipe")?;
    let mut found = None;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(s) = sums(&line) {
            found = Some(s);
        }
        if !line.starts_with("ok ") {
            eprintln!("    {line}");
        }
    }
    let code = child.wait()?.code().unwrap_or(-1);
    Ok(verdict(name, code, found))
}

fn verdict(name: &str, code: i32, sums: Option<(usize, usize, usize)>) -> Score {
    if code == SKIP {
        return Score::skip();
    }
    let (passed, failed, skipped) = sums.unwrap_or((usize::from(code == 0), 0, 0));
    let mut score = Score {
        passed,
        failed,
        skipped,
        what: Vec::new(),
    };
    if code != 0 || failed > 0 {
        // The status counts, whatever the sums say.
        score.failed = failed.max(1);
        score.what.push(format!("{name} (exit {code})"));
    }
    score
}

/// What is run of smbtorture against the module every time: what the hosts do each in their own way.
const IN_THE_GUEST: &[&str] = &[
    "acls-with-sysacl.INHERITANCE",
    "acls-with-sysacl.OWNER",
    "compound.related1",
    "dirlease.v2_request",
    "durable-open.reopen1",
    "durable-v2-open.reopen2",
    "ioctl.copy_chunk_simple",
    "ioctl.sparse_punch",
    "lease.breaking1",
    "lease.complex1",
    "lease.multibreak",
    "lease.upgrade",
    "lease.v2_epoch2",
    "lease.v2_rename",
    "lock.async",
    "lock.cancel",
    "lock.rw-exclusive",
    "notify.dir",
    "notify.tree",
    "oplock.batch6",
    "oplock.batch20",
    "oplock.brl1",
    "oplock.brl3",
    "oplock.exclusive2",
    "oplock.levelii500",
    "rename.simple",
    "replay.replay6",
    "session.reauth1",
    "streams.io",
    "timestamps.time_t_0",
];

/// Some of smbtorture, as it is expected.
fn conformance(of: &Smbtorture) -> Result<Score> {
    let s = conformance::smbtorture(of)?;
    // What fails as expected is no failure here.
    let what = if s.good {
        Vec::new()
    } else {
        vec!["conformance: deviations from the expectations".into()]
    };
    Ok(Score {
        passed: s.passed,
        failed: usize::from(!s.good),
        skipped: s.skipped,
        what,
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// The module builds without warnings of clippy, and from the tree's bytes.
fn kmod() -> Result<Score> {
    let mut score = Score::default();
    let ko = build_kmod::build(&BuildKmod {
        kdir: None,
        debug: None,
        clippy: false,
        verbose: false,
    })?;
    score.add(&Score::pass());
    let large = frames::too_large(&ko)?;
    for l in &large {
        eprintln!("{l}");
    }
    score.add(&if large.is_empty() {
        Score::pass()
    } else {
        Score::fail("stack frames of the module")
    });
    let r = tidy::run()?;
    let twin = "same sources in both builds";
    if r.complaints
        .iter()
        .chain(&r.skipped)
        .any(|c| c.starts_with(twin))
    {
        r.print();
        score.add(&Score::fail(twin));
    } else {
        score.add(&Score::pass());
    }
    match build_kmod::build(&BuildKmod {
        kdir: None,
        debug: None,
        clippy: true,
        verbose: false,
    }) {
        Ok(_) => score.add(&Score::pass()),
        Err(e) => {
            eprintln!("{e:#}");
            score.add(&Score::fail("clippy on the module"));
        }
    }
    Ok(score)
}

/// The options a guest script asks for in a line `# vm: --fs ext4 …`.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct ScriptOptions {
    #[command(flatten)]
    machine: Machine,
}

fn guest(name: &str, script: &Path) -> Result<Score> {
    let text = fs::read_to_string(script)?;
    let line = text
        .lines()
        .take(10)
        .find_map(|l| l.strip_prefix("# vm:"))
        .unwrap_or("");
    let options = ScriptOptions::try_parse_from(line.split_whitespace())
        .with_context(|| format!("{name}: the line '# vm:{line}'"))?;
    let outcome = vm::run(&options.machine, &Job::Script(script.to_path_buf()))?;
    let sums = outcome.tail.lines().rev().find_map(sums);
    Ok(verdict(name, outcome.code, sums))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_sums() {
        let line = "test result: ok. 12 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out";
        assert_eq!(sums(line), Some((12, 1, 3)));
        assert_eq!(sums("7 passed, 0 failed"), Some((7, 0, 0)));
        assert_eq!(sums("7 passed, 2 failed, 1 skipped"), Some((7, 2, 1)));
        assert_eq!(sums("all passed"), None);
        assert_eq!(sums(""), None);
    }

    #[test]
    fn exit_status_overrules_sums() {
        assert_eq!(verdict("x", 99, Some((5, 0, 0))).failed, 1);
        assert_eq!(verdict("x", 0, Some((5, 0, 0))).failed, 0);
        assert_eq!(verdict("x", SKIP, None).skipped, 1);
        assert_eq!(verdict("x", 0, None).passed, 1);
    }
}
