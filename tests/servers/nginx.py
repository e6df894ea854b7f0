"""A real nginx with the example of deploy/nginx before a server of ours: TLS with a certificate of its own making."""

import os
import re
import ssl
import subprocess
import time

import requests
import trustme
from django.conf import settings

from runwayweb.supervisor.tether import tethered
from tests.servers.ports import free_port

MAIN = """
user {user};
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{}}
http {{
    types {{ text/plain txt; video/mp4 mp4; }}
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """Stands before the server at `port`; only addresses, ports and folders of the example are others here."""

    def __init__(self, folder, port):
        folder.mkdir()
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        authority.cert_pem.write_to_path(folder / "authority.pem")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        certificate.cert_chain_pems[0].write_to_path(folder / "chain.pem")
        self.trusts = str(folder / "authority.pem")
        self.trust = ssl.create_default_context(cafile=self.trusts)
        text = (settings.BASE_DIR / "deploy" / "nginx" / "runwayweb.conf").read_text()
        for theirs, ours in {
            r"127\.0\.0\.1:8000": f"127.0.0.1:{port}",
            r"listen 80;": f"listen 127.0.0.1:{free_port()};",
            r"listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            r"listen \[::\].*;": "",
            r"studio\.example\.org(?=;)": "localhost",
            r"/etc/letsencrypt/\S+/fullchain\.pem": f"{folder}/chain.pem",
            r"/etc/letsencrypt/\S+/privkey\.pem": f"{folder}/key.pem",
            r"/var/lib/runwayweb/media/": f"{settings.MEDIA_ROOT}/",
        }.items():
            text, found = re.subn(theirs, ours, text)
            assert found, theirs
        (folder / "site.conf").write_text(text)
        user = "root" if os.getuid() == 0 else "nobody"  # the tests' media is for whoever runs them
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        self.command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self.process = None

    def check(self):
        """What `nginx -t` says of the configuration."""
        return subprocess.run([*self.command, "-t"], capture_output=True, text=True)

    def start(self):
        self.process = subprocess.Popen(tethered(self.command), stderr=subprocess.PIPE)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                requests.get(self.url, verify=self.trusts, timeout=10)
                return self
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError(self.process.stderr.read().decode())

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process.stderr.close()
