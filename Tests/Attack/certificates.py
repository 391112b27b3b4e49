"""Keys and certificates of all kinds, made by openssl, and nothing of the project's own code."""

import base64
import datetime
import hashlib
import subprocess

CONFIGURATION = """
[ca]
default_ca = this
[this]
dir = {folder}
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = keyCertSign
"""
DAY = datetime.timedelta(days=1)


def openssl(*words, data=None):
    """Its standard output."""
    done = subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, timeout=60)
    if done.returncode:
        raise OSError(f"openssl {words[0]}: {done.stderr.decode(errors='replace')[-400:]}")
    return done.stdout


def pin(certificate):
    """As join lines have it: base 32 of 160 bits of the hash of the public key."""
    key = openssl("x509", "-in", certificate, "-pubkey", "-noout")
    return base64.b32encode(hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", data=key)).digest()[:20]).decode()


def self_signed(folder, name, names="IP:127.0.0.1,DNS:localhost"):
    """The paths of a certificate that vouches for itself, and of its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
            "-out", certificate, "-days", "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}")
    return certificate, key


class Authority:
    """Signs what it is asked to. `certificate` is what vouches for it."""

    def __init__(self, folder, name="authority"):
        self.folder = folder / name
        self.folder.mkdir()
        (self.folder / "index").touch()
        self.configuration = self.folder / "openssl.cnf"
        self.configuration.write_text(CONFIGURATION.format(folder=self.folder))
        self.certificate, self.key = self.folder / "ca.crt", self.folder / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.key,
                "-out", self.certificate, "-days", "30", "-subj", f"/CN={name}", "-config", self.configuration,
                "-extensions", "authority")

    def sign(self, name, names="IP:127.0.0.1,DNS:localhost", begin=-1, end=30):
        """The paths of a certificate for these names, good from so many days from now to so many, and of its key."""
        certificate, key, request = (self.folder / f"{name}.{ending}" for ending in ("crt", "key", "csr"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                "-out", request, "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}")
        openssl("ca", "-batch", "-notext", "-config", self.configuration, "-cert", self.certificate, "-keyfile", self.key,
                "-in", request, "-out", certificate, "-startdate", self._date(begin), "-enddate", self._date(end))
        return certificate, key

    @staticmethod
    def _date(days):
        return (datetime.datetime.now(datetime.timezone.utc) + days * DAY).strftime("%Y%m%d%H%M%SZ")
