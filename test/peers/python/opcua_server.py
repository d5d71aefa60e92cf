"""asyncua servers, each told what to hold over a connection of its own, one JSON document a line.

The standard address space takes seconds to build: it is built once, and each connection to the port of the first
line of output, {"port": N}, is answered by a fork that has it already. A fork ends with its connection, all of them
with the end of standard input.

First line: {"nodes": {"ns=2;s=Name": {"value": 1.5, "type": "Double", "unit": "kWh"}},
             "policies": ["Basic256Sha256_SignAndEncrypt"], "folder": "/tmp/x", "users": {"name": "password"},
             "userCertificates": ["user.pem"], "history": ["ns=2;s=Name"]};
            all but the nodes may be left out: no security, anybody, no history, no engineering unit. The folder
            takes the server's certificate and key, made when they are missing.
Further lines: {"node": "ns=2;s=Name", "value": 2.5, "type": "Double", "time": "2026-01-15T08:00:00Z",
                "status": "Good"}; time and status may be left out.
It answers each line with one line: {"port": N} to the first, {"ok": true} to the others.
"""

import asyncio
import fcntl
import gc
import json
import os
import select
import signal
import socket
import ssl
import sys
from datetime import datetime, timezone
from pathlib import Path

from asyncua import Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import AddressSpace, NodeManagementService
from asyncua.server.internal_server import InternalServer
from asyncua.server.standard_address_space import standard_address_space
from asyncua.server.user_managers import UserManager
from cryptography.x509.oid import ExtendedKeyUsageOID


def data_value(change):
    status = ua.StatusCode(getattr(ua.StatusCodes, change.get("status", "Good")))
    time = change.get("time")
    source = datetime.fromisoformat(time.replace("Z", "+00:00")) if time else datetime.now(timezone.utc)
    value = None
    if change.get("value") is not None:
        value = ua.Variant(change["value"], getattr(ua.VariantType, change.get("type", "Double")))
    return ua.DataValue(
        Value=value,
        StatusCode=status,
        SourceTimestamp=source,
        ServerTimestamp=datetime.now(timezone.utc),
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Users(UserManager):
    """Who may log in: nobody by name where no one is listed."""

    def __init__(self, passwords, certificates):
        self.passwords = passwords
        self.certificates = [ssl.PEM_cert_to_DER_cert(Path(file).read_text()) for file in certificates]

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if not self.passwords and not self.certificates:
            return User(role=UserRole.User)
        if username is not None and self.passwords.get(username) == password:
            return User(role=UserRole.User, name=username)
        if certificate is not None and username is None and certificate in self.certificates:
            return User(role=UserRole.User)
        return None


async def secure(server, policies, folder, users, certificates):
    certificate, key = Path(folder) / "server.der", Path(folder) / "server.pem"
    if not certificate.exists():
        usage = [ExtendedKeyUsageOID.SERVER_AUTH]
        await setup_self_signed_certificate(key, certificate, server._application_uri, "localhost", usage, {})
    server.set_security_policy([getattr(ua.SecurityPolicyType, policy) for policy in policies])
    await server.load_certificate(str(certificate))
    await server.load_private_key(str(key))
    if users:
        server.set_identity_tokens([ua.UserNameIdentityToken])
    if certificates:
        server.set_identity_tokens([ua.X509IdentityToken])


async def serve(connection):
    reader, writer = await asyncio.open_connection(sock=connection)

    def answer(document):
        writer.write(json.dumps(document).encode() + b"\n")

    config = json.loads(await reader.readline())
    port = config.get("port") or free_port()

    users, certificates = config.get("users", {}), config.get("userCertificates", [])
    server = Server(user_manager=Users(users, certificates))
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
    if "policies" in config:
        await secure(server, config["policies"], config["folder"], users, certificates)
    else:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.register_namespace("urn:affluent:test")
    nodes = {}
    for identifier, start in config["nodes"].items():
        variable = await server.nodes.objects.add_variable(
            ua.NodeId.from_string(identifier),
            identifier.split("=")[-1],
            start["value"],
            getattr(ua.VariantType, start.get("type", "Double")),
        )
        if "unit" in start:
            unit = ua.EUInformation(DisplayName=ua.LocalizedText(start["unit"]))
            await variable.add_property(0, "EngineeringUnits", unit)
        nodes[identifier] = variable
        await server.write_attribute_value(variable.nodeid, data_value(start))

    for identifier in config.get("history", []):
        await server.historize_node_data_change(nodes[identifier], period=None, count=5000)
    async with server:
        answer({"port": port})
        while line := await reader.readline():
            change = json.loads(line)
            await server.write_attribute_value(nodes[change["node"]].nodeid, data_value(change))
            answer({"ok": True})
        # As a server that is killed: nobody is told.
        os._exit(0)


def use_address_space():
    """Has every server of this process and of its forks begin with the nodes that are built here."""
    space = AddressSpace()
    standard_address_space.fill_address_space(NodeManagementService(space))

    async def load(server, shelf_file=None):
        server.aspace._nodes = space._nodes

    InternalServer.load_standard_address_space = load


def fork_servers():
    listener = socket.create_server(("127.0.0.1", 0))
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            # The highest file is closed last: who hears that this connection has ended may have the port.
            last = socket.socket(fileno=fcntl.fcntl(connection, fcntl.F_DUPFD, 512))
            connection.close()
            asyncio.run(serve(last))
        connection.close()


# Nothing of what is built becomes garbage, and looking for it takes as long as building.
gc.disable()
use_address_space()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
fork_servers()
