// SPDX-License-Identifier: GPL-2.0-or-later
//! Kerberos log-ins: whose ticket it is, which account that is, and how long
//! it holds.
//!
//! The ticket itself is looked at by the system's GSSAPI (`ksmbd-gssapi`).
//!
//! A principal is an account if it has one component (`alice@REALM`, not
//! `alice/admin@REALM`) and is of the realm that issued the ticket for this
//! server, or of one that the configuration names: an `alice` of another realm
//! is somebody else.

use ksmbd_config::{Config, Global};
use ksmbd_gssapi::{Acceptor, Error, Established};
use ksmbd_store::{fold_name, Secret};
use proto_shared::auth::spnego::{OID_KRB5, OID_MS_KRB5};
use proto_shared::ipc::UserFlags;
use proto_shared::status::NtStatus;

use super::{identity, Login, Outcome};
use crate::audit::Record;
use crate::state::{filetime_now, State};

/// Whether the configuration asks for it.
pub(super) fn is_wanted(config: &Config) -> bool {
    !config.global.kerberos_keytab_file.as_os_str().is_empty()
}

/// The server's keys. They are read anew for each log-in, so that a keytab may
/// be replaced at any time.
pub(super) fn acceptor(global: &Global) -> Result<Acceptor, Error> {
    // GSSAPI separates service and host by another character than Kerberos.
    let service = global.kerberos_service_name.replacen('/', "@", 1);
    let service = Some(service.as_str()).filter(|s| !s.is_empty());
    Acceptor::new(&global.kerberos_keytab_file, service)
}

/// Whether Kerberos is to be offered to clients; says why not if it should be
/// and cannot.
pub(crate) fn is_offered(config: &Config) -> bool {
    if !is_wanted(config) {
        return false;
    }
    match acceptor(&config.global) {
        Ok(_) => true,
        Err(e) => {
            let keytab = config.global.kerberos_keytab_file.display();
            tracing::error!(
                %keytab,
                error = %e,
                "no Kerberos log-ins until this is mended and the configuration loaded again \
                 (ksmbd.control --reload)"
            );
            false
        }
    }
}

/// Whether an OID is one of Kerberos.
pub(super) fn is_kerberos(oid: &[u8]) -> bool {
    oid == OID_KRB5 || oid == OID_MS_KRB5
}

/// A principal's name.
#[derive(Debug, PartialEq, Eq)]
struct Principal {
    components: Vec<String>,
    realm: String,
}

impl Principal {
    /// Takes the text form apart (RFC 1964 2.1.1): `/` and `@` separate unless
    /// a backslash is before them.
    fn parse(text: &str) -> Option<Self> {
        let mut components = vec![String::new()];
        let mut realm: Option<String> = None;
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let c = match (c, &realm) {
                ('/', None) => {
                    components.push(String::new());
                    continue;
                }
                ('@', None) => {
                    realm = Some(String::new());
                    continue;
                }
                ('\\', _) => match chars.next()? {
                    'n' => '\n',
                    't' => '\t',
                    'b' => '\u{8}',
                    '0' => '\0',
                    other => other,
                },
                (c, _) => c,
            };
            match (&mut realm, components.last_mut()) {
                (Some(realm), _) => realm.push(c),
                (None, Some(component)) => component.push(c),
                (None, None) => return None,
            }
        }
        let realm = realm.filter(|r| !r.is_empty())?;
        Some(Self { components, realm })
    }
}

/// The account name that a principal stands for, and its realm; or why it
/// stands for none.
fn account_name(
    client: &str,
    service: &str,
    realms: &[String],
) -> Result<(String, String), &'static str> {
    let client = Principal::parse(client).ok_or("the principal has no realm")?;
    let home = Principal::parse(service).ok_or("the service's principal has no realm")?;
    if client.realm != home.realm && !realms.contains(&client.realm) {
        return Err("the principal is of another realm (kerberos_realms in [global])");
    }
    match <[String; 1]>::try_from(client.components) {
        Ok([name]) if !name.is_empty() => Ok((name, client.realm)),
        _ => Err("the principal is not that of a user"),
    }
}

/// Who a client is that has proved to be a principal.
pub(super) fn login(
    state: &State,
    peer: &str,
    client: &Established,
) -> Result<Box<Login>, Box<Outcome>> {
    let principal = client.client.as_str();
    let refuse = |status, why: &str| {
        Record {
            action: "login",
            user: principal,
            client: peer,
            ..Record::default()
        }
        .refused(why);
        Err(Box::new(Outcome::refuse(status)))
    };
    if client.anonymous {
        return refuse(
            NtStatus::LOGON_FAILURE,
            "a ticket without a name is nobody's",
        );
    }
    let config = state.config();
    let global = &config.global;
    let (name, realm) = match account_name(principal, &client.service, &global.kerberos_realms) {
        Ok(found) => found,
        Err(why) => return refuse(NtStatus::LOGON_FAILURE, why),
    };
    let found = match state.store().user(&name) {
        Ok(found) => found,
        Err(e) => {
            tracing::error!(peer, principal, error = %e, "looking up the account failed");
            return Err(Box::new(Outcome::refuse(NtStatus::LOGON_FAILURE)));
        }
    };
    let (account, account_id, ids, sid) = match found {
        Some(account) if account.flags.disabled => {
            return refuse(NtStatus::ACCOUNT_DISABLED, "the account is disabled");
        }
        Some(account) => {
            let Some(ids) = identity::ids(state, &account) else {
                return refuse(
                    NtStatus::ACCOUNT_RESTRICTION,
                    "the account has no system account and no uid (ksmbd.adduser -u NAME --uid UID \
                     --gid GID)",
                );
            };
            let sid = identity::sid(state, account.id);
            (account.name, Some(account.id), ids, sid)
        }
        None if !global.kerberos_system_users => {
            return refuse(
                NtStatus::LOGON_FAILURE,
                "no account has the principal's name (ksmbd.adduser -a NAME, or \
                 kerberos_system_users in [global])",
            );
        }
        None => {
            let folded = fold_name(&name);
            let known = [&name, &folded]
                .into_iter()
                .find_map(|n| Some((n.clone(), state.accounts.user(n)?)));
            let Some((account, ids)) = known else {
                return refuse(
                    NtStatus::LOGON_FAILURE,
                    "neither account nor system user has the principal's name",
                );
            };
            // Whoever runs the KDC must not be root here by that alone.
            if ids.uid == 0 {
                return refuse(
                    NtStatus::LOGON_FAILURE,
                    "root needs an account of the server (ksmbd.adduser)",
                );
            }
            let sid = identity::unix_sid(ids.uid);
            (account, None, ids, sid)
        }
    };
    let expiry = client.lifetime.map_or(0, |seconds| {
        filetime_now().saturating_add(u64::from(seconds).saturating_mul(10_000_000))
    });
    let lifetime = client
        .lifetime
        .map_or(String::new(), |s| format!(", for {s} s"));
    Record {
        action: "login",
        user: &account,
        client: peer,
        ..Record::default()
    }
    .ok(&format!("uid {}, as {principal}{lifetime}", ids.uid));
    Ok(Box::new(Login {
        messages: None,
        session_key: Some(Secret::new(client.session_key.to_vec())),
        account,
        domain: realm,
        account_id,
        ids,
        flags: UserFlags::NONE,
        expiry,
        sid,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals() {
        let p = |text: &str| Principal::parse(text).map(|p| (p.components.join("|"), p.realm));
        let is = |c: &str, r: &str| Some((c.to_owned(), r.to_owned()));
        assert_eq!(p("alice@EXAMPLE.COM"), is("alice", "EXAMPLE.COM"));
        assert_eq!(p("alice/admin@E"), is("alice|admin", "E"));
        assert_eq!(p(r"alice\@corp.example@E"), is("alice@corp.example", "E"));
        assert_eq!(p(r"a\/b\\@E"), is(r"a/b\", "E"));
        assert_eq!(p("a@E/F@G"), is("a", "E/F@G"));
        assert_eq!(p(r"a\0b@E"), is("a\0b", "E"));
        for none in ["", "alice", "alice@", "a\\", "@", r"alice\@E"] {
            assert_eq!(p(none), None, "{none}");
        }
    }

    #[test]
    fn who_is_whose() {
        let service = "cifs/files.example.com@EXAMPLE.COM";
        let name = |client: &str, realms: &[&str]| {
            let realms: Vec<String> = realms.iter().map(|r| (*r).to_owned()).collect();
            account_name(client, service, &realms).map(|(name, _)| name)
        };
        assert_eq!(name("alice@EXAMPLE.COM", &[]).unwrap(), "alice");
        assert!(name("alice@OTHER.COM", &[]).is_err());
        assert!(name("alice@example.com", &[]).is_err());
        assert_eq!(name("alice@OTHER.COM", &["OTHER.COM"]).unwrap(), "alice");
        // Named realms come on top.
        assert_eq!(name("alice@EXAMPLE.COM", &["OTHER.COM"]).unwrap(), "alice");
        for stranger in [
            "alice/admin@EXAMPLE.COM",
            "cifs/files.example.com@EXAMPLE.COM",
            "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS",
            "@EXAMPLE.COM",
            "/@EXAMPLE.COM",
            "alice",
        ] {
            assert!(name(stranger, &[]).is_err(), "{stranger}");
        }
    }
}
