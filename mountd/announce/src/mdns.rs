// SPDX-License-Identifier: GPL-2.0-or-later
//! mDNS and DNS-SD (RFC 6762, 6763), by the crate `mdns-sd`.
//!
//! The host that the services point to has a name of its own, `NAME-smb.local`:
//! `NAME.local` may belong to Avahi or systemd-resolved on the same machine, and
//! two responders must not disagree on its addresses.

use std::time::Duration;

use anyhow::{Context, Result};
use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};

use crate::Plan;

/// How long a good-bye may take.
const GOODBYE: Duration = Duration::from_secs(2);
/// Any port: what has no server of its own has to have one in DNS-SD.
const NO_PORT: u16 = 9;

/// Announces until it is dropped.
pub(crate) struct Responder {
    daemon: ServiceDaemon,
    names: Vec<String>,
}

impl Responder {
    /// Starts the crate's thread and registers the services.
    pub(crate) fn start(plan: &Plan) -> Result<Self> {
        let daemon = ServiceDaemon::new().context("starting mDNS (UDP port 5353)")?;
        let mut responder = Self {
            daemon,
            names: Vec::new(),
        };
        responder.choose(plan).context("choosing interfaces")?;
        for service in services(plan)? {
            let name = service.get_fullname().to_owned();
            responder
                .daemon
                .register(service)
                .with_context(|| format!("announcing {name}"))?;
            responder.names.push(name);
        }
        tracing::info!(name = plan.name, "announced by mDNS");
        Ok(responder)
    }

    fn choose(&self, plan: &Plan) -> Result<(), mdns_sd::Error> {
        if plan.interfaces.is_empty() {
            return self
                .daemon
                .disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6]);
        }
        self.daemon.disable_interface(IfKind::All)?;
        let only = plan.interfaces.iter().cloned().map(IfKind::Name);
        self.daemon.enable_interface(only.collect::<Vec<_>>())
    }
}

/// What is announced.
fn services(plan: &Plan) -> Result<Vec<ServiceInfo>> {
    let host = format!("{}-smb.local.", plan.name.to_ascii_lowercase());
    let service = |kind: &str, port: u16, txt: &[(String, String)]| {
        ServiceInfo::new(kind, &plan.name, &host, (), port, txt)
            .map(ServiceInfo::enable_addr_auto)
            .with_context(|| format!("the service {kind}"))
    };
    let txt = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let mut out = vec![
        service("_smb._tcp.local.", plan.port, &[])?,
        // The icon of a rack server in the Finder.
        service(
            "_device-info._tcp.local.",
            NO_PORT,
            &[txt("model", "RackMac")],
        )?,
    ];
    if !plan.time_machine.is_empty() {
        let mut disks = vec![txt("sys", "waMa=0,adVF=0x100")];
        for (n, share) in plan.time_machine.iter().enumerate() {
            // 0x82: a volume for Time Machine, reached by SMB.
            disks.push(txt(&format!("dk{n}"), &format!("adVN={share},adVF=0x82")));
        }
        out.push(service("_adisk._tcp.local.", NO_PORT, &disks)?);
    }
    Ok(out)
}

impl Drop for Responder {
    fn drop(&mut self) {
        // A good-bye that is not said is one that the records' lifetimes say later.
        for name in &self.names {
            if let Ok(done) = self.daemon.unregister(name) {
                let _ = done.recv_timeout(GOODBYE);
            }
        }
        if let Ok(done) = self.daemon.shutdown() {
            let _ = done.recv_timeout(GOODBYE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            name: "FILES".to_owned(),
            port: 4450,
            ..Plan::default()
        }
    }

    #[test]
    fn time_machine_only_with_such_a_share() {
        let names = |plan: &Plan| -> Vec<String> {
            let all = services(plan).unwrap();
            all.iter().map(|s| s.get_fullname().to_owned()).collect()
        };
        assert_eq!(
            names(&plan()),
            ["FILES._smb._tcp.local.", "FILES._device-info._tcp.local."]
        );
        let with = Plan {
            time_machine: vec!["backup".to_owned()],
            ..plan()
        };
        let all = services(&with).unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(
            all[2].get_property_val_str("dk0"),
            Some("adVN=backup,adVF=0x82")
        );
        assert_eq!(all[0].get_port(), 4450);
    }
}
