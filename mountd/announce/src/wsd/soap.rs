// SPDX-License-Identifier: GPL-2.0-or-later
//! The messages of WS-Discovery (April 2005) and of WS-Transfer's Get, in SOAP 1.2
//! over UDP and HTTP, as far as a device needs them.

use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};

use super::MAX_MESSAGE;
use crate::Plan;

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
const WSA: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
const WSD: &str = "http://schemas.xmlsoap.org/ws/2005/04/discovery";
const DEVPROF: &str = "http://schemas.xmlsoap.org/ws/2006/02/devprof";
const TRANSFER: &str = "http://schemas.xmlsoap.org/ws/2004/09/transfer";
const MEX: &str = "http://schemas.xmlsoap.org/ws/2004/09/mex";
const PUB: &str = "http://schemas.microsoft.com/windows/pub/2005/07";
const PNPX: &str = "http://schemas.microsoft.com/windows/pnpx/2005/10";
const EVERYBODY: &str = "urn:schemas-xmlsoap-org:ws:2005:04:discovery";
const ANONYMOUS: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";

/// Most elements, attributes and texts of a message.
const MAX_NODES: u32 = 500;
/// Longest MessageID that is answered: it comes back in the answer.
const MAX_ID: usize = 200;
/// Most types that a Probe may ask for.
const MAX_TYPES: usize = 16;

/// What somebody asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Who is there of this kind?
    Probe,
    /// Where is this device?
    Resolve,
    /// What is this device?
    Get,
}

/// A question to this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// What is asked.
    pub(super) question: Question,
    /// By which the asker knows the answer.
    pub(super) message_id: String,
}

fn child<'a, 'd>(node: Node<'a, 'd>, space: &str, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|n| n.has_tag_name((space, name)))
}

fn text(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

/// Reads a message; `None` for whatever is no question to the device `uuid`.
#[must_use]
pub(super) fn parse(message: &[u8], uuid: &str) -> Option<Asked> {
    if message.len() > MAX_MESSAGE {
        return None;
    }
    let message = std::str::from_utf8(message).ok()?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let doc = Document::parse_with_options(message, options).ok()?;
    let envelope = Some(doc.root_element()).filter(|n| n.has_tag_name((SOAP, "Envelope")))?;
    let header = child(envelope, SOAP, "Header")?;
    let body = child(envelope, SOAP, "Body")?;
    let message_id = text(child(header, WSA, "MessageID")?);
    if message_id.is_empty() || message_id.len() > MAX_ID {
        return None;
    }
    let action = text(child(header, WSA, "Action")?);
    let urn = format!("urn:uuid:{uuid}");
    let question = if action == format!("{WSD}/Probe") {
        let probe = child(body, WSD, "Probe")?;
        let scopes = child(probe, WSD, "Scopes").map_or(String::new(), text);
        // This device is in no scope.
        (scopes.is_empty() && matches(probe)).then_some(Question::Probe)?
    } else if action == format!("{WSD}/Resolve") {
        let resolve = child(body, WSD, "Resolve")?;
        let reference = child(resolve, WSA, "EndpointReference")?;
        let address = text(child(reference, WSA, "Address")?);
        (address.eq_ignore_ascii_case(&urn)).then_some(Question::Resolve)?
    } else if action == format!("{TRANSFER}/Get") {
        let to = text(child(header, WSA, "To")?);
        (to.eq_ignore_ascii_case(&urn)).then_some(Question::Get)?
    } else {
        return None;
    };
    Some(Asked {
        question,
        message_id,
    })
}

/// Whether this device is of all the types that a Probe asks for.
fn matches(probe: Node<'_, '_>) -> bool {
    let Some(types) = child(probe, WSD, "Types") else {
        return true;
    };
    let list = text(types);
    let mut count = 0usize;
    list.split_ascii_whitespace().all(|name| {
        count += 1;
        let (prefix, name) = match name.split_once(':') {
            Some((prefix, name)) => (Some(prefix), name),
            None => (None, name),
        };
        let space = types.lookup_namespace_uri(prefix);
        count <= MAX_TYPES
            && matches!(
                (space, name),
                (Some(DEVPROF), "Device") | (Some(PUB), "Computer")
            )
    })
}

/// Text as it may stand in an element.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // What XML 1.0 cannot have.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Makes this device's messages.
pub(super) struct Device {
    name: String,
    workgroup: String,
    comment: String,
    uuid: String,
    /// Grows with every start ([WS-Discovery] 7).
    instance: u64,
    sent: u64,
}

impl Device {
    /// `instance` is to be greater than at the last start: seconds of the clock.
    #[must_use]
    pub(super) fn new(plan: &Plan, instance: u64) -> Self {
        Self {
            name: escaped(&plan.name),
            workgroup: escaped(&plan.workgroup),
            comment: escaped(&plan.comment),
            uuid: escaped(&plan.uuid),
            instance,
            sent: 0,
        }
    }

    fn envelope(
        &mut self,
        to: &str,
        action: &str,
        (id, relates_to): (&str, Option<&str>),
        body: &str,
    ) -> String {
        let mut header = format!(
            "<wsa:To>{to}</wsa:To><wsa:Action>{action}</wsa:Action>\
             <wsa:MessageID>urn:uuid:{}</wsa:MessageID>",
            escaped(id)
        );
        // Writing to a String cannot fail.
        if let Some(id) = relates_to {
            let _ = write!(header, "<wsa:RelatesTo>{}</wsa:RelatesTo>", escaped(id));
        }
        if action.starts_with(WSD) {
            self.sent = self.sent.wrapping_add(1);
            let _ = write!(
                header,
                "<wsd:AppSequence InstanceId=\"{}\" MessageNumber=\"{}\"/>",
                self.instance, self.sent
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"{SOAP}\" \
             xmlns:wsa=\"{WSA}\" xmlns:wsd=\"{WSD}\" xmlns:wsdp=\"{DEVPROF}\" xmlns:wsx=\"{MEX}\" \
             xmlns:pub=\"{PUB}\" xmlns:pnpx=\"{PNPX}\"><soap:Header>{header}</soap:Header>\
             <soap:Body>{body}</soap:Body></soap:Envelope>"
        )
    }

    fn reference(&self) -> String {
        format!(
            "<wsa:EndpointReference><wsa:Address>urn:uuid:{}</wsa:Address></wsa:EndpointReference>",
            self.uuid
        )
    }

    /// What Hello, ProbeMatch and ResolveMatch say; `at` is where the metadata is.
    fn target(&self, at: &str) -> String {
        format!(
            "{}<wsd:Types>wsdp:Device pub:Computer</wsd:Types><wsd:XAddrs>{}</wsd:XAddrs>\
             <wsd:MetadataVersion>1</wsd:MetadataVersion>",
            self.reference(),
            escaped(at)
        )
    }

    /// The device is there.
    pub(super) fn hello(&mut self, id: &str, at: &str) -> String {
        let body = format!("<wsd:Hello>{}</wsd:Hello>", self.target(at));
        self.envelope(EVERYBODY, &format!("{WSD}/Hello"), (id, None), &body)
    }

    /// The device goes.
    pub(super) fn bye(&mut self, id: &str) -> String {
        let body = format!("<wsd:Bye>{}</wsd:Bye>", self.reference());
        self.envelope(EVERYBODY, &format!("{WSD}/Bye"), (id, None), &body)
    }

    /// Answers a question; `at` is where the metadata is.
    pub(super) fn answer(&mut self, asked: &Asked, id: &str, at: &str) -> String {
        let (action, body) = match asked.question {
            Question::Probe => (
                format!("{WSD}/ProbeMatches"),
                format!(
                    "<wsd:ProbeMatches><wsd:ProbeMatch>{}</wsd:ProbeMatch></wsd:ProbeMatches>",
                    self.target(at)
                ),
            ),
            Question::Resolve => (
                format!("{WSD}/ResolveMatches"),
                format!(
                    "<wsd:ResolveMatches><wsd:ResolveMatch>{}</wsd:ResolveMatch></wsd:ResolveMatches>",
                    self.target(at)
                ),
            ),
            Question::Get => (format!("{TRANSFER}/GetResponse"), self.metadata()),
        };
        self.envelope(ANONYMOUS, &action, (id, Some(&asked.message_id)), &body)
    }

    fn metadata(&self) -> String {
        let (name, workgroup, comment) = (&self.name, &self.workgroup, &self.comment);
        let section = |dialect: &str, content: &str| {
            format!(
                "<wsx:MetadataSection Dialect=\"{DEVPROF}/{dialect}\">{content}</wsx:MetadataSection>"
            )
        };
        let device = format!(
            "<wsdp:ThisDevice><wsdp:FriendlyName>{name}: {comment}</wsdp:FriendlyName>\
             <wsdp:FirmwareVersion>{}</wsdp:FirmwareVersion><wsdp:SerialNumber>1</wsdp:SerialNumber>\
             </wsdp:ThisDevice>",
            env!("CARGO_PKG_VERSION")
        );
        let model = "<wsdp:ThisModel><wsdp:Manufacturer>ksmbd</wsdp:Manufacturer>\
             <wsdp:ModelName>ksmbd</wsdp:ModelName>\
             <pnpx:DeviceCategory>Computers</pnpx:DeviceCategory></wsdp:ThisModel>";
        let host = format!(
            "<wsdp:Relationship Type=\"{DEVPROF}/host\"><wsdp:Host>{}\
             <wsdp:Types>pub:Computer</wsdp:Types><wsdp:ServiceId>urn:uuid:{}</wsdp:ServiceId>\
             <pub:Computer>{name}/Workgroup:{workgroup}</pub:Computer></wsdp:Host>\
             </wsdp:Relationship>",
            self.reference(),
            self.uuid
        );
        format!(
            "<wsx:Metadata>{}{}{}</wsx:Metadata>",
            section("ThisDevice", &device),
            section("ThisModel", model),
            section("Relationship", &host)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

    fn message(action: &str, header: &str, body: &str) -> String {
        format!(
            "<?xml version='1.0'?><s:Envelope xmlns:s='{SOAP}' xmlns:a='{WSA}' xmlns:d='{WSD}' \
             xmlns:p='{DEVPROF}' xmlns:c='{PUB}'><s:Header><a:Action>{action}</a:Action>\
             <a:MessageID>urn:uuid:1</a:MessageID>{header}</s:Header><s:Body>{body}</s:Body>\
             </s:Envelope>"
        )
    }

    fn probe(types: &str) -> String {
        let body = format!("<d:Probe>{types}</d:Probe>");
        message(&format!("{WSD}/Probe"), "", &body)
    }

    fn question(message: &str) -> Option<Question> {
        parse(message.as_bytes(), UUID).map(|a| a.question)
    }

    #[test]
    fn probes_for_what_this_is() {
        for types in [
            "",
            "<d:Types/>",
            "<d:Types>p:Device</d:Types>",
            "<d:Types> p:Device\n c:Computer </d:Types>",
            "<d:Types xmlns='http://schemas.xmlsoap.org/ws/2006/02/devprof'>Device</d:Types>",
            "<d:Scopes/>",
        ] {
            assert_eq!(question(&probe(types)), Some(Question::Probe), "{types}");
        }
        for types in [
            "<d:Types>p:Printer</d:Types>",
            "<d:Types>p:Device p:Printer</d:Types>",
            "<d:Types>x:Device</d:Types>",
            "<d:Types>Device</d:Types>",
            "<d:Scopes>ldap:///ou=here</d:Scopes>",
        ] {
            assert_eq!(question(&probe(types)), None, "{types}");
        }
        let many = "p:Device ".repeat(MAX_TYPES + 1);
        assert_eq!(
            question(&probe(&format!("<d:Types>{many}</d:Types>"))),
            None
        );
    }

    #[test]
    fn questions_to_this_device_only() {
        let resolve = |id: &str| {
            let body = format!(
                "<d:Resolve><a:EndpointReference><a:Address>urn:uuid:{id}</a:Address>\
                 </a:EndpointReference></d:Resolve>"
            );
            message(&format!("{WSD}/Resolve"), "", &body)
        };
        assert_eq!(question(&resolve(UUID)), Some(Question::Resolve));
        assert_eq!(question(&resolve("0")), None);
        let get = |id: &str| {
            let to = format!("<a:To>urn:uuid:{id}</a:To>");
            message(&format!("{TRANSFER}/Get"), &to, "")
        };
        assert_eq!(question(&get(&UUID.to_uppercase())), Some(Question::Get));
        assert_eq!(question(&get("0")), None);
        assert_eq!(question(&message(&format!("{WSD}/Hello"), "", "")), None);
    }

    #[test]
    fn what_is_hostile_is_not_answered() {
        let good = probe("");
        assert!(question(&good).is_some());
        for bad in [
            good.replace("<s:Envelope", "<!DOCTYPE x [<!ENTITY a 'b'>]><s:Envelope"),
            good.replace("urn:uuid:1", &"1".repeat(MAX_ID + 1)),
            good.replace("urn:uuid:1", ""),
            good.replace("<d:Probe>", &format!("<d:Probe>{}", "<x/>".repeat(600))),
            format!("{good}{}", " ".repeat(MAX_MESSAGE)),
            good.replace("</s:Body>", ""),
        ] {
            assert_eq!(question(&bad), None);
        }
        // Deep is no problem, either.
        let deep = format!("{}{}", "<x>".repeat(2000), "</x>".repeat(2000));
        assert_eq!(question(&deep), None);
        for cut in 0..good.len() {
            let cut = good.as_bytes().get(..cut).unwrap();
            assert_eq!(parse(cut, UUID), None);
        }
        assert_eq!(parse(b"\xFF\xFE", UUID), None);
    }

    #[test]
    fn answers_are_xml_and_say_who_asked() {
        let plan = Plan {
            name: "FILES".to_owned(),
            workgroup: "A&B".to_owned(),
            comment: "<of\u{1} us>".to_owned(),
            uuid: UUID.to_owned(),
            ..Plan::default()
        };
        let mut device = Device::new(&plan, 5);
        let asked = Asked {
            question: Question::Get,
            message_id: "urn:uuid:<1>&".to_owned(),
        };
        let xml = device.answer(&asked, "7", "http://192.0.2.1:5357/x");
        let doc = Document::parse(&xml).unwrap();
        let get = |space: &str, name: &str| {
            let found = doc.descendants().find(|n| n.has_tag_name((space, name)));
            text(found.unwrap())
        };
        assert_eq!(get(WSA, "RelatesTo"), "urn:uuid:<1>&");
        assert_eq!(get(PUB, "Computer"), "FILES/Workgroup:A&B");
        assert_eq!(get(DEVPROF, "FriendlyName"), "FILES: <of  us>");
        for xml in [
            device.hello("8", "http://192.0.2.1:5357/x"),
            device.bye("9"),
            device.answer(
                &Asked {
                    question: Question::Probe,
                    ..asked
                },
                "10",
                "http://192.0.2.1:5357/x",
            ),
        ] {
            let doc = Document::parse(&xml).unwrap();
            let sequence = doc
                .descendants()
                .find(|n| n.has_tag_name((WSD, "AppSequence")));
            assert_eq!(sequence.unwrap().attribute("InstanceId"), Some("5"));
            assert!(xml.len() < MAX_MESSAGE);
        }
    }
}
