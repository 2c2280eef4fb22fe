# SPDX-License-Identifier: GPL-2.0-or-later
"""A round trip with smbprotocol's low-level API: DIALECT plain|encrypt."""
import os
import sys
import uuid

from smbprotocol.connection import Connection, Dialects
from smbprotocol.exceptions import SMBResponseException
from smbprotocol.file_info import FileInformationClass
from smbprotocol.open import (
    CreateDisposition, CreateOptions, DirectoryAccessMask, FileAttributes, FilePipePrinterAccessMask,
    ImpersonationLevel, Open, ShareAccess,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

dialect = {
    "2.0.2": Dialects.SMB_2_0_2, "2.1.0": Dialects.SMB_2_1_0, "3.0.0": Dialects.SMB_3_0_0,
    "3.0.2": Dialects.SMB_3_0_2, "3.1.1": Dialects.SMB_3_1_1,
}[sys.argv[1]]
encrypt = sys.argv[2] == "encrypt"
host = os.environ.get("SMB_HOST", "127.0.0.1")
RW = FilePipePrinterAccessMask.GENERIC_READ | FilePipePrinterAccessMask.GENERIC_WRITE | FilePipePrinterAccessMask.DELETE
SHARE_ALL = ShareAccess.FILE_SHARE_READ | ShareAccess.FILE_SHARE_WRITE | ShareAccess.FILE_SHARE_DELETE

connection = Connection(uuid.uuid4(), host, int(os.environ["PORT"]), require_signing=True)
connection.connect(dialect=dialect)
assert connection.dialect == dialect, connection.dialect
session = Session(connection, os.environ["SMB_USER"], os.environ["SMB_PASSWORD"], require_encryption=encrypt)
session.connect()
tree = TreeConnect(session, rf"\\{host}\{os.environ['SHARE']}")
tree.connect()


def create(name, access=RW, disposition=CreateDisposition.FILE_OVERWRITE_IF, options=CreateOptions.FILE_NON_DIRECTORY_FILE):
    handle = Open(tree, name)
    handle.create(ImpersonationLevel.Impersonation, access, FileAttributes.FILE_ATTRIBUTE_NORMAL, SHARE_ALL,
                  disposition, options)
    return handle


name = f"py-{uuid.uuid4().hex} \U0001F600.bin"
data = os.urandom(1 << 20)
size = min(connection.max_write_size, connection.max_read_size)
handle = create(name)
for at in range(0, len(data), size):
    assert handle.write(data[at:at + size], at) == len(data[at:at + size])
back = b"".join(handle.read(at, min(size, len(data) - at)) for at in range(0, len(data), size))
assert back == data
handle.flush()
handle.close()

root = create("", DirectoryAccessMask.FILE_LIST_DIRECTORY | DirectoryAccessMask.FILE_READ_ATTRIBUTES,
              CreateDisposition.FILE_OPEN, CreateOptions.FILE_DIRECTORY_FILE)
found = root.query_directory("py-*", FileInformationClass.FILE_ID_BOTH_DIRECTORY_INFORMATION)
assert name in [e["file_name"].get_value().decode("utf-16-le") for e in found], "not listed"
root.close()

for path, wanted in [("..\\x", 0xC000003B), ("a\\..\\..\\x", 0xC000003B), ("no\\such", 0xC000003A), ("nothing", 0xC0000034)]:
    try:
        create(path, disposition=CreateDisposition.FILE_OPEN).close()
        raise AssertionError(f"{path} opened")
    except SMBResponseException as e:
        assert e.status == wanted, (path, hex(e.status))

gone = create(name, disposition=CreateDisposition.FILE_OPEN,
              options=CreateOptions.FILE_NON_DIRECTORY_FILE | CreateOptions.FILE_DELETE_ON_CLOSE)
gone.close()
try:
    create(name, disposition=CreateDisposition.FILE_OPEN).close()
    raise AssertionError("still there")
except SMBResponseException as e:
    assert e.status == 0xC0000034, hex(e.status)
assert connection.echo() >= 1
tree.disconnect()
session.disconnect()
connection.disconnect()
print("ok")
