// SPDX-License-Identifier: GPL-2.0-or-later
//! What all services of the daemon share: the configuration, which a reload
//! replaces as a whole, the account store, and the system's accounts.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use ksmbd_config::Config;
use ksmbd_store::{Notes, Store};
use proto_shared::ipc::ListWhat;

use crate::accounts::Accounts;

/// The daemon as a whole, as far as services ask it for something.
pub trait Admin: Send + Sync {
    /// Calls `entry` with each entry of a list of the engine's.
    ///
    /// # Errors
    /// The engine refuses, or `entry` does.
    fn list(
        &self,
        what: ListWhat,
        entry: &mut dyn FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()>;

    /// Ends something by force: a session, or an open of `session`.
    ///
    /// # Errors
    /// It is not there, or the engine refuses.
    fn close(&self, what: ListWhat, id: u64, session: Option<u64>) -> anyhow::Result<()>;

    /// The configuration file.
    fn config_path(&self) -> &Path;

    /// Reads the configuration file again; what came of it.
    ///
    /// # Errors
    /// The configuration has errors, or the engine refuses it.
    fn reload(&self) -> anyhow::Result<String>;
}

/// See the module.
pub struct State {
    /// The daemon owns the services, so they only borrow it.
    admin: OnceLock<Weak<dyn Admin>>,
    config: RwLock<Arc<Config>>,
    store: Mutex<Store>,
    notes: Mutex<Notes>,
    /// The system's users and groups.
    pub accounts: Box<dyn Accounts>,
    host: String,
}

impl State {
    /// `host` is the machine's name.
    ///
    /// # Errors
    /// The account store cannot be opened a second time.
    pub fn new(
        config: Config,
        store: Store,
        accounts: Box<dyn Accounts>,
        host: &str,
    ) -> Result<Self, ksmbd_store::Error> {
        Ok(Self {
            admin: OnceLock::new(),
            config: RwLock::new(Arc::new(config)),
            notes: Mutex::new(store.notes()?),
            store: Mutex::new(store),
            accounts,
            host: host.to_owned(),
        })
    }

    /// The configuration as it is now; whoever holds it is not affected by a
    /// reload.
    pub fn config(&self) -> Arc<Config> {
        self.config
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces the configuration; answers the old one.
    pub fn set_config(&self, config: Config) -> Arc<Config> {
        let mut slot = self.config.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut slot, Arc::new(config))
    }

    /// Who answers for the daemon as a whole; the first one counts.
    pub fn set_admin(&self, admin: Weak<dyn Admin>) {
        // There is one daemon in a process.
        let _ = self.admin.set(admin);
    }

    /// The daemon as a whole; `None` before it runs and when it has ended.
    pub fn admin(&self) -> Option<Arc<dyn Admin>> {
        self.admin.get()?.upgrade()
    }

    /// The account store.
    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where logins are noted.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server's NetBIOS name: as configured, else the host's.
    pub fn netbios_name(&self, config: &Config) -> String {
        if let Some(name) = &config.global.netbios_name {
            return name.clone();
        }
        let name: String = self
            .host
            .split('.')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .take(15)
            .collect();
        if name.is_empty() {
            "KSMBD".to_owned()
        } else {
            name.to_ascii_uppercase()
        }
    }

    /// The machine's name.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Seconds from 1601 to 1970.
pub(crate) const EPOCH_1601: u64 = 11_644_473_600;

/// Now, as FILETIME: units of 100 ns since 1601 (\[MS-DTYP\] 2.3.3).
pub fn filetime_now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    since
        .as_secs()
        .saturating_add(EPOCH_1601)
        .saturating_mul(10_000_000)
        .saturating_add(u64::from(since.subsec_nanos() / 100))
}
