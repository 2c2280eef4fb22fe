// SPDX-License-Identifier: GPL-2.0-or-later
//! Stored security descriptors as clients see them: setting, querying, what they deny, what new files inherit.

use ksmbd_memhost::client::{create_request, utf16, Client, Options};
use ksmbd_memhost::daemon::Settings;
use ksmbd_memhost::Rig;
use proto_shared::codec::Writer;
use proto_shared::dtyp::access::AccessMask as A;
use proto_shared::dtyp::security_descriptor::{AclField, SdControl};
use proto_shared::dtyp::{Ace, AceFlags as F, AceType, SecurityDescriptor, Sid};
use proto_shared::fscc::flags::{CreateDisposition as D, CreateOptions as O};
use proto_shared::ipc::TreeFlags;
use proto_shared::smb2::create_context::name;
use proto_shared::smb2::query_info::{InfoType, QueryInfoFlags, SecurityInformation as S};
use proto_shared::smb2::{
    Command, CreateResponse, FileId, QueryInfoRequest, QueryInfoResponse, SetInfoRequest,
};
use proto_shared::status::NtStatus as N;

const ALL: A = A::FILE_ALL_ACCESS;
const PARTS: S = S(S::OWNER.0 | S::GROUP.0 | S::DACL.0);
const SEE: A = A(A::READ_CONTROL.0 | A::READ_ATTRIBUTES.0);

fn rig() -> Rig {
    let mut settings = Settings::default();
    settings.share_flags |= TreeFlags::ACL_XATTR;
    Rig::with(settings)
}

fn client(rig: &Rig) -> Client<'_> {
    let mut c = Client::log_in(rig, Options::default());
    c.tree_connect("data").unwrap();
    c
}

fn root(rig: &Rig) -> Client<'_> {
    let mut c = Client::connect(rig, Options::default()).unwrap();
    c.set_blob("user:root");
    c.negotiate().unwrap();
    c.session_setup().unwrap();
    c.tree_connect("data").unwrap();
    c
}

/// The user of [`client`], and of nobody else.
fn me() -> Sid {
    Sid::unix_user(1000)
}

fn sd(control: SdControl, owner: Option<Sid>, aces: &[Ace<'_>]) -> Vec<u8> {
    let mut buf = vec![0; 4096];
    let mut w = Writer::new(&mut buf);
    let sd = SecurityDescriptor {
        control,
        owner,
        ..SecurityDescriptor::default()
    };
    sd.write_with_dacl(&mut w, |acl| aces.iter().try_for_each(|a| acl.push(a)))
        .unwrap();
    w.written().to_vec()
}

fn dacl(aces: &[Ace<'_>]) -> Vec<u8> {
    sd(SdControl::NONE, None, aces)
}

fn set(c: &mut Client<'_>, file_id: FileId, what: S, buffer: &[u8]) -> N {
    let request = SetInfoRequest {
        info_type: InfoType::SECURITY,
        info_class: 0,
        additional_information: what.0,
        file_id,
        buffer,
    };
    let reply = c.call(Command::SET_INFO, |w| request.write(w)).unwrap();
    reply.status()
}

fn get(c: &mut Client<'_>, file_id: FileId, what: S) -> Vec<u8> {
    let request = QueryInfoRequest {
        info_type: InfoType::SECURITY,
        info_class: 0,
        output_buffer_length: 4096,
        input: &[],
        additional_information: what.0,
        flags: QueryInfoFlags::NONE,
        file_id,
    };
    let message = c
        .call(Command::QUERY_INFO, |w| request.write(w))
        .unwrap()
        .ok()
        .unwrap();
    QueryInfoResponse::parse(&message).unwrap().output.to_vec()
}

fn aces(descriptor: &[u8]) -> Vec<(u8, u8, u32, Sid)> {
    let sd = SecurityDescriptor::parse(descriptor).unwrap();
    let acl = sd.dacl.acl().expect("a list");
    acl.aces()
        .map(|a| (a.ace_type.0, a.flags.0, a.mask.0, a.sid))
        .collect()
}

fn make(c: &mut Client<'_>, path: &str, options: O) -> FileId {
    c.create(path, ALL, D::CREATE, options).unwrap()
}

fn open(c: &mut Client<'_>, path: &str, access: A) -> Result<FileId, N> {
    c.create(path, access, D::OPEN, O::NONE)
}

#[test]
fn what_is_set_is_told() {
    let rig = rig();
    let mut c = client(&rig);
    let file = make(&mut c, "f", O::NON_DIRECTORY_FILE);
    let before = get(&mut c, file, PARTS);
    let new = sd(
        SdControl::DACL_PROTECTED,
        None,
        &[
            Ace::new(
                AceType::ACCESS_DENIED,
                F::NONE,
                A::EXECUTE,
                Sid::BUILTIN_GUESTS,
            ),
            Ace::allow(F::NONE, A::GENERIC_READ, me()),
        ],
    );
    assert_eq!(set(&mut c, file, S::DACL, &new), N::SUCCESS);
    let after = get(&mut c, file, PARTS);
    let (old, now) = (
        SecurityDescriptor::parse(&before).unwrap(),
        SecurityDescriptor::parse(&after).unwrap(),
    );
    assert_eq!((now.owner, now.group), (old.owner, old.group));
    assert!(now.owner.is_some());
    assert!(now.control.contains(SdControl::DACL_PROTECTED));
    // Generic rights are stored as what they mean.
    assert_eq!(
        aces(&after),
        [
            (1, 0, A::EXECUTE.0, Sid::BUILTIN_GUESTS),
            (0, 0, A::FILE_GENERIC_READ.0, me())
        ]
    );
    // Parts come alone.
    let group = get(&mut c, file, S::GROUP);
    let group = SecurityDescriptor::parse(&group).unwrap();
    assert_eq!((group.owner, group.dacl), (None, AclField::Absent));
    assert!(!group.control.contains(SdControl::DACL_PROTECTED));
    // The handle keeps what it was granted.
    c.write(file, 0, b"still").unwrap();
}

#[test]
fn lists_are_enforced() {
    let rig = rig();
    let mut c = client(&rig);
    let file = make(&mut c, "f", O::NON_DIRECTORY_FILE);
    let deny = Ace::new(AceType::ACCESS_DENIED, F::NONE, A::WRITE_DATA, me());
    let allow = Ace::allow(F::NONE, ALL, Sid::EVERYONE);
    assert_eq!(
        set(&mut c, file, S::DACL, &dacl(&[deny, allow])),
        N::SUCCESS
    );
    assert_eq!(open(&mut c, "f", A::WRITE_DATA), Err(N::ACCESS_DENIED));
    assert_eq!(
        c.create("f", A::READ_DATA, D::OVERWRITE, O::NONE),
        Err(N::ACCESS_DENIED)
    );
    open(&mut c, "f", A::READ_DATA).unwrap();
    // It is about one user.
    let mut other = root(&rig);
    open(&mut other, "f", A::WRITE_DATA).unwrap();
    // The first entry that speaks of a right counts.
    assert_eq!(
        set(&mut c, file, S::DACL, &dacl(&[allow, deny])),
        N::SUCCESS
    );
    open(&mut c, "f", A::WRITE_DATA).unwrap();
    // An entry for children only does not count here.
    let later = Ace::new(AceType::ACCESS_DENIED, F::INHERIT_ONLY, ALL, me());
    assert_eq!(
        set(&mut c, file, S::DACL, &dacl(&[later, allow])),
        N::SUCCESS
    );
    open(&mut c, "f", A::WRITE_DATA).unwrap();
}

#[test]
fn owners_may_look_and_change_whatever_the_list_says() {
    let rig = rig();
    let mut c = client(&rig);
    let file = make(&mut c, "f", O::NON_DIRECTORY_FILE);
    assert_eq!(set(&mut c, file, S::DACL, &dacl(&[])), N::SUCCESS);
    assert_eq!(open(&mut c, "f", A::READ_DATA), Err(N::ACCESS_DENIED));
    open(&mut c, "f", A::READ_CONTROL | A::WRITE_DAC).unwrap();
    // Unless it speaks of owners.
    let owner = Ace::allow(F::NONE, SEE, Sid::OWNER_RIGHTS);
    assert_eq!(set(&mut c, file, S::DACL, &dacl(&[owner])), N::SUCCESS);
    open(&mut c, "f", SEE).unwrap();
    assert_eq!(open(&mut c, "f", A::WRITE_DAC), Err(N::ACCESS_DENIED));
}

#[test]
fn no_list_protects_nothing_but_bits_still_do() {
    let rig = rig();
    rig.host().fs_ref().put("/data/theirs", 0, 0o644, b"x");
    let mut c = root(&rig);
    let file = open(&mut c, "theirs", ALL).unwrap();
    let mut null = vec![1, 0, 4, 0x80];
    null.resize(20, 0);
    assert_eq!(set(&mut c, file, S::DACL, &null), N::SUCCESS);
    let told = get(&mut c, file, S::DACL);
    assert_eq!(
        SecurityDescriptor::parse(&told).unwrap().dacl,
        AclField::Null
    );
    let mut c = client(&rig);
    open(&mut c, "theirs", A::READ_DATA).unwrap();
    // The list would allow it; the file system would not.
    assert_eq!(open(&mut c, "theirs", A::WRITE_DATA), Err(N::ACCESS_DENIED));
}

#[test]
fn rights_of_the_handle_are_needed() {
    let rig = rig();
    let mut c = client(&rig);
    make(&mut c, "f", O::NON_DIRECTORY_FILE);
    let list = dacl(&[Ace::allow(F::NONE, ALL, Sid::EVERYONE)]);
    let own = sd(SdControl::NONE, Some(me()), &[]);
    let file = open(&mut c, "f", ALL.without(A::WRITE_DAC)).unwrap();
    assert_eq!(set(&mut c, file, S::DACL, &list), N::ACCESS_DENIED);
    assert_eq!(set(&mut c, file, S::OWNER, &own), N::SUCCESS);
    let file = open(&mut c, "f", ALL.without(A::WRITE_OWNER)).unwrap();
    assert_eq!(set(&mut c, file, S::DACL, &list), N::SUCCESS);
    assert_eq!(set(&mut c, file, S::OWNER, &own), N::ACCESS_DENIED);
    let file = open(&mut c, "f", ALL).unwrap();
    assert_eq!(set(&mut c, file, S::SACL, &list), N::ACCESS_DENIED);
    // Nobody gives files away.
    let theirs = sd(SdControl::NONE, Some(Sid::BUILTIN_ADMINISTRATORS), &[]);
    assert_eq!(set(&mut c, file, S::OWNER, &theirs), N::INVALID_OWNER);
    assert_eq!(set(&mut c, file, S::DACL, &[1, 0, 4]), N::INVALID_PARAMETER);
}

#[test]
fn shares_without_lists_store_none() {
    let rig = Rig::with(Settings::default());
    let mut c = client(&rig);
    let file = make(&mut c, "f", O::NON_DIRECTORY_FILE);
    assert_eq!(set(&mut c, file, S::DACL, &dacl(&[])), N::NOT_SUPPORTED);
    assert_eq!(
        create_with(&mut c, "g", &dacl(&[])).unwrap_err(),
        N::NOT_SUPPORTED
    );
    assert!(!rig.host().fs_ref().exists("/data/g"));
}

fn create_with(c: &mut Client<'_>, path: &str, descriptor: &[u8]) -> Result<FileId, N> {
    let path = utf16(path);
    let request = create_request(&path, ALL, D::CREATE, O::NON_DIRECTORY_FILE);
    let header = c.header(Command::CREATE);
    let message = Client::message(
        &header,
        |w| request.write_with(w, |list| list.add(name::SD_BUFFER, |w| w.bytes(descriptor))),
        descriptor.len(),
    );
    let message = c.exchange(message)?.ok()?;
    Ok(CreateResponse::parse(&message).unwrap().file_id)
}

#[test]
fn files_are_made_with_a_list() {
    let rig = rig();
    let mut c = client(&rig);
    let list = dacl(&[Ace::allow(F::NONE, A::GENERIC_READ, Sid::EVERYONE)]);
    let file = create_with(&mut c, "f", &list).unwrap();
    assert_eq!(
        aces(&get(&mut c, file, S::DACL)),
        [(0, 0, A::FILE_GENERIC_READ.0, Sid::EVERYONE)]
    );
    assert_eq!(open(&mut c, "f", A::WRITE_DATA), Err(N::ACCESS_DENIED));
    let theirs = sd(SdControl::NONE, Some(Sid::BUILTIN_ADMINISTRATORS), &[]);
    assert_eq!(
        create_with(&mut c, "g", &theirs).unwrap_err(),
        N::INVALID_OWNER
    );
    assert!(!rig.host().fs_ref().exists("/data/g"));
}

#[test]
fn new_files_inherit() {
    let rig = rig();
    let mut c = client(&rig);
    let dir = make(&mut c, "d", O::DIRECTORY_FILE);
    let both = F::OBJECT_INHERIT | F::CONTAINER_INHERIT;
    let list = sd(
        SdControl::DACL_AUTO_INHERITED | SdControl::DACL_AUTO_INHERIT_REQ,
        None,
        &[
            Ace::allow(F::NONE, ALL, Sid::EVERYONE),
            Ace::allow(F::OBJECT_INHERIT, A::READ_DATA, Sid::NETWORK),
            Ace::allow(
                F::CONTAINER_INHERIT | F::NO_PROPAGATE_INHERIT,
                A::EXECUTE,
                Sid::BUILTIN_USERS,
            ),
            Ace::allow(both | F::INHERIT_ONLY, ALL, Sid::CREATOR_OWNER),
        ],
    );
    assert_eq!(set(&mut c, dir, S::DACL, &list), N::SUCCESS);
    let file = make(&mut c, "d\\f", O::NON_DIRECTORY_FILE);
    let told = get(&mut c, file, PARTS);
    let parsed = SecurityDescriptor::parse(&told).unwrap();
    let owner = parsed.owner.unwrap();
    assert!(parsed.control.contains(SdControl::DACL_AUTO_INHERITED));
    let inherited = F::INHERITED.0;
    assert_eq!(
        aces(&told),
        [
            (0, inherited, A::READ_DATA.0, Sid::NETWORK),
            (0, inherited, ALL.0, owner)
        ]
    );
    let sub = make(&mut c, "d\\s", O::DIRECTORY_FILE);
    let (object, only) = (F::OBJECT_INHERIT.0, F::INHERIT_ONLY.0);
    assert_eq!(
        aces(&get(&mut c, sub, S::DACL)),
        [
            (0, inherited | object | only, A::READ_DATA.0, Sid::NETWORK),
            (0, inherited, A::EXECUTE.0, Sid::BUILTIN_USERS),
            (0, inherited, ALL.0, owner),
            (0, inherited | both.0 | only, ALL.0, Sid::CREATOR_OWNER)
        ]
    );
    // Where nothing is to be inherited, it belongs to who made it.
    let plain = dacl(&[Ace::allow(F::NONE, ALL, Sid::EVERYONE)]);
    assert_eq!(set(&mut c, dir, S::DACL, &plain), N::SUCCESS);
    let file = make(&mut c, "d\\g", O::NON_DIRECTORY_FILE);
    assert_eq!(
        aces(&get(&mut c, file, S::DACL)),
        [(0, 0, ALL.0, owner), (0, 0, ALL.0, Sid::LOCAL_SYSTEM)]
    );
}

#[test]
fn directories_decide_who_adds_and_deletes() {
    let rig = rig();
    let mut c = client(&rig);
    let dir = make(&mut c, "d", O::DIRECTORY_FILE);
    let victim = make(&mut c, "d\\f", O::NON_DIRECTORY_FILE);
    make(&mut c, "other", O::NON_DIRECTORY_FILE);
    let look = A::FILE_GENERIC_READ | A::FILE_GENERIC_EXECUTE;
    let list = dacl(&[Ace::allow(F::NONE, look, Sid::EVERYONE)]);
    assert_eq!(set(&mut c, victim, S::DACL, &list), N::SUCCESS);
    c.close(victim).unwrap();
    // The directory has no list: its bits give what the file's list does not.
    let file = open(&mut c, "d\\f", A::DELETE).unwrap();
    c.close(file).unwrap();
    assert_eq!(set(&mut c, dir, S::DACL, &list), N::SUCCESS);
    assert_eq!(open(&mut c, "d\\f", A::DELETE), Err(N::ACCESS_DENIED));
    for (name, options) in [("d\\g", O::NON_DIRECTORY_FILE), ("d\\s", O::DIRECTORY_FILE)] {
        assert_eq!(
            c.create(name, SEE, D::CREATE, options),
            Err(N::ACCESS_DENIED)
        );
    }
    assert!(!rig.host().fs_ref().exists("/data/d/g"));
}
