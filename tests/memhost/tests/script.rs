// SPDX-License-Identifier: GPL-2.0-or-later
//! Scripts of nearly any bytes: what the fuzzer does for hours is done here for a moment, so that it stays possible, and
//! what it found is repeated. `KSMBD_SCRIPTS` sets how many, `KSMBD_SEED` where their random numbers begin.

use ksmbd_memhost::script::{example, run, Tally, KINDS};
use proto_shared::smb2::Command;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[test]
fn any_bytes() {
    let number = |name, default| {
        std::env::var(name)
            .ok()
            .map_or(default, |v| v.parse::<u64>().expect("a number"))
    };
    let mut random = Random(number("KSMBD_SEED", 1));
    let mut all = Tally::default();
    for n in 0..number("KSMBD_SCRIPTS", 1500) {
        let mut script = example(n as u8 % KINDS, n as u8 / KINDS);
        for _ in 0..random.next() % 4 {
            let at = 6 + random.next() as usize % (script.len() - 6);
            script[at] = random.next() as u8;
        }
        script.extend((0..random.next() % 200).map(|_| random.next() as u8));
        let done = std::panic::catch_unwind(|| run(&script));
        let Ok(one) = done else {
            panic!("the script {script:02x?}");
        };
        all.frames += one.frames;
        all.answers += one.answers;
        all.breaks += one.breaks;
        all.failed_allocations += one.failed_allocations;
        for (sum, n) in all.successes.iter_mut().zip(one.successes) {
            *sum += n;
        }
    }
    println!("{all:?}");
    // The scripts would be worth little if they got nowhere.
    for command in [
        Command::CREATE,
        Command::CLOSE,
        Command::READ,
        Command::WRITE,
        Command::LOCK,
        Command::IOCTL,
        Command::QUERY_DIRECTORY,
        Command::QUERY_INFO,
        Command::SET_INFO,
    ] {
        assert!(all.successes[usize::from(command.0)] > 0, "{command:?}");
    }
    assert!(all.breaks > 0 && all.failed_allocations > 0, "{all:?}");
}
