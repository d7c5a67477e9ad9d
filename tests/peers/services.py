"""Services of the operating system that tests talk to, each on free ports, with a folder of its own: a mailbox, alerts
that really fire, and a web server that asks for a bearer token. Only commands, ports and made-up credentials.
"""

import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.processes import PeerFailed, answers, folder_for, free_port, listens, running

PACKAGES = {
    "dovecot": (("dovecot",), "dovecot-imapd dovecot-lmtpd"),
    "prometheus": (
        ("prometheus", "prometheus-alertmanager", "prometheus-pushgateway"),
        "prometheus prometheus-alertmanager prometheus-pushgateway",
    ),
    "nginx": (("nginx",), "nginx-light"),
}
"""The programs of each, and Debian's packages of them."""


def missing(name: str) -> str | None:
    """Why it cannot run here, or None when it can."""
    programs, packages = PACKAGES[name]
    if not all(program(each) for each in programs):
        return f"no {name} on this machine; on Debian: apt install {packages}"
    if name == "dovecot" and os.geteuid() != 0:
        return "dovecot needs root: it reads mail as another user"
    return None


def program(name: str) -> str:
    """Debian keeps servers where a user's PATH does not look."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin") or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A running mail server with one account. `certificate` is what its TLS is verified with, for `localhost`."""

    folder: Path
    imap: int
    imaps: int
    lmtp: int
    certificate: Path
    user: str = "ops@example.test"
    password: str = field(default="secret", repr=False)

    def stored(self) -> list[Path]:
        """Every message of every folder, as files."""
        return [path for path in self.folder.glob("mail/**/*") if path.parent.name in ("cur", "new")]


@contextmanager
def dovecot(folder: Path | None = None, *, imap: int = 0, imaps: int = 0) -> Generator[Mailbox, None, None]:
    """IMAP, IMAP over TLS, and LMTP to deliver with. Give it the folder and ports of before to start it again."""
    with ExitStack() as stack:
        home = folder or stack.enter_context(folder_for())
        home.chmod(0o755)
        box = Mailbox(
            folder=home,
            imap=imap or free_port(),
            imaps=imaps or free_port(),
            lmtp=free_port(),
            certificate=home / "cert.pem",
        )
        for name in ("run", "mail"):
            (home / name).mkdir(exist_ok=True)
        shutil.chown(home / "mail", "mail", "mail")
        if not box.certificate.exists():
            _certificate(home)
        (home / "users").write_text(f"{box.user}:{{PLAIN}}{box.password}\n")
        config = home / "dovecot.conf"
        config.write_text(_DOVECOT.format(at=home, imap=box.imap, imaps=box.imaps, lmtp=box.lmtp))
        command = [program("dovecot"), "-c", str(config), "-F"]
        ready = lambda: all(listens(port) for port in (box.imap, box.imaps, box.lmtp))  # noqa: E731
        stack.enter_context(running("dovecot", command, folder=home, ready=ready))
        yield box


def _certificate(folder: Path) -> None:
    command = [
        *(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=localhost",
        ),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PeerFailed(f"openssl: {made.stderr.strip()}")


_DOVECOT = """
base_dir = {at}/run
state_dir = {at}/run
log_path = {at}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{at}/cert.pem
ssl_key = <{at}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:{at}/mail/%u
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {at}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={at}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """Prometheus, Alertmanager and a Pushgateway whose one number the test sets: above 100 for a few seconds it fires."""

    prometheus: str
    alertmanager: str
    pushgateway: str

    def set(self, value: float) -> None:
        """The queue is this deep from now on."""
        body = f'demo_queue_depth{{queue="billing"}} {value}\n'.encode()
        request = urllib.request.Request(f"{self.pushgateway}/metrics/job/app", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass


@contextmanager
def alerts(webhook: str, *, bearer: str = "") -> Generator[Alerts, None, None]:
    """Fires and resolves `QueueDepthHigh` at `webhook`, with retries while that answers 5xx."""
    prometheus, manager, gateway = free_port(), free_port(), free_port()
    told = Alerts(
        prometheus=f"http://127.0.0.1:{prometheus}",
        alertmanager=f"http://127.0.0.1:{manager}",
        pushgateway=f"http://127.0.0.1:{gateway}",
    )
    authorization = f"http_config: {{authorization: {{credentials: {bearer}}}}}, " if bearer else ""
    with ExitStack() as stack:
        home = stack.enter_context(folder_for())
        (home / "alertmanager.yml").write_text(
            _ALERTMANAGER.format(webhook=webhook, authorization=authorization)
        )
        (home / "prometheus.yml").write_text(_PROMETHEUS.format(manager=manager, gateway=gateway))
        (home / "rules.yml").write_text(_RULES)
        for name, port, command in (
            (
                "pushgateway",
                gateway,
                ["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{gateway}"],
            ),
            (
                "alertmanager",
                manager,
                [
                    *("prometheus-alertmanager", f"--config.file={home}/alertmanager.yml"),
                    *(f"--storage.path={home}/am", f"--web.listen-address=127.0.0.1:{manager}"),
                    "--cluster.listen-address=",
                ],
            ),
            (
                "prometheus",
                prometheus,
                [
                    *("prometheus", f"--config.file={home}/prometheus.yml"),
                    *(f"--storage.tsdb.path={home}/tsdb", f"--web.listen-address=127.0.0.1:{prometheus}"),
                ],
            ),
        ):
            own = home / name
            own.mkdir()
            ready = f"http://127.0.0.1:{port}/-/ready"
            started = [program(command[0]), *command[1:]]
            stack.enter_context(running(name, started, folder=own, ready=lambda url=ready: answers(url)))
        yield told


_PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}
rule_files: [rules.yml]
scrape_configs: [{{job_name: app, honor_labels: true, static_configs: [{{targets: ['127.0.0.1:{gateway}']}}]}}]
"""
_ALERTMANAGER = """
route: {{receiver: vigie, group_by: [alertname], group_wait: 1s, group_interval: 2s, repeat_interval: 1h}}
receivers: [{{name: vigie, webhook_configs: [{{{authorization}url: '{webhook}', send_resolved: true}}]}}]
"""
_RULES = """
groups:
- name: app
  rules:
  - alert: QueueDepthHigh
    expr: demo_queue_depth > 100
    for: 2s
    labels: {severity: critical}
    annotations: {summary: 'Queue {{ $labels.queue }} has {{ $value }} waiting'}
"""


@contextmanager
def nginx_bearer(upstream: int, *, token: str = "zap_test_token") -> Generator[str, None, None]:
    """The address of a web server that lets through to a port of this machine who brings the bearer token."""
    port = free_port()
    with folder_for() as folder:
        config = folder / "nginx.conf"
        config.write_text(_NGINX.format(at=folder, port=port, upstream=upstream, token=token))
        command = [program("nginx"), "-e", str(folder / "error.log"), "-c", str(config)]
        with running("nginx", command, folder=folder, ready=lambda: listens(port), stop=signal.SIGTERM):
            yield f"http://127.0.0.1:{port}"


_NGINX = """
pid {at}/pid; daemon off; worker_processes 1; error_log {at}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {at}/b; proxy_temp_path {at}/p; fastcgi_temp_path {at}/f;
  uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
  map $http_authorization $known {{ default 0; "Bearer {token}" 1; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      if ($known = 0) {{ add_header WWW-Authenticate 'Bearer error="invalid_token"' always; return 401; }}
      proxy_pass http://127.0.0.1:{upstream}; proxy_buffering off; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_read_timeout 1h;
    }}
  }}
}}
"""
