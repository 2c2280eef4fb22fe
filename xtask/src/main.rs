// SPDX-License-Identifier: GPL-2.0-or-later
//! `cargo xtask`: everything that cargo alone cannot do for this project.
//!
//! One file per verb; what several verbs need is in [`run`] (commands with
//! progress), [`cache`] (dear things, built once), [`debian`] (packages, roots)
//! and [`vm`] (the test guest). Every verb works from a fresh clone: it
//! installs what is missing as root, and otherwise names the one command that
//! does.
//!
//! Exit status: the verb's own where it has one (`vm run`), 1 for an error.

mod bench;
mod build_kmod;
mod buildroot;
mod cache;
mod conformance;
mod debian;
mod debug;
mod demo;
mod embedded;
mod flags;
mod frames;
mod fuzz;
mod gen_ndr;
mod guest;
mod package;
mod package_test;
mod run;
mod sandbox;
mod test;
mod tidy;
mod versions;
mod vm;

use clap::Parser;

fn main() {
    let cli = flags::Cli::parse();
    let result = match cli.verb {
        flags::Verb::BuildKmod(f) => build_kmod::main(&f),
        flags::Verb::Vm(f) => vm::main(&f),
        flags::Verb::Demo(f) => demo::main(&f),
        flags::Verb::Test(f) => test::main(&f),
        flags::Verb::Bench(f) => bench::main(&f),
        flags::Verb::Conformance(f) => conformance::main(&f),
        flags::Verb::Fuzz(f) => fuzz::main(&f),
        flags::Verb::Tidy => tidy::main(),
        flags::Verb::GenNdr(f) => gen_ndr::main(f.check),
        flags::Verb::Man => package::man(),
        flags::Verb::Package(f) => package::main(&f),
        flags::Verb::Setup(f) => setup(&f),
    };
    match result {
        Ok(code) => std::process::exit(code),
        Err(e) => {
            eprintln!("error: {e:#}");
            std::process::exit(1);
        }
    }
}

/// Prepares the dear things and prints where they are.
fn setup(f: &flags::Setup) -> anyhow::Result<i32> {
    let br = buildroot::ensure()?;
    println!("build root   {}", br.root.display());
    println!("kernel tree  {}", br.root.join("kernel/obj").display());
    if !f.no_guest {
        let g = guest::ensure()?;
        println!("guest        {}", g.dir.display());
    }
    Ok(0)
}
