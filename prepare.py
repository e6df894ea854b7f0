"""Makes .venv and installs a requirements file into it, when that file changed: `python prepare.py requirements.txt`

`python prepare.py docs/api/package-lock.json` installs packages of Node beside that file likewise.
Where there is no Node it says so, and what needs it is skipped.
Runs before anything is installed, on whatever Python is there: keep it to the standard library and to old syntax.
PIP_INSTALL_OPTIONS in the environment goes to `pip install`.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
# What an environment that is whole, and of a Python new enough, can do.
SOUND = "import sys, pip; sys.exit(sys.version_info < (3, 11))"


def main(requirements):
    if sys.version_info < (3, 11):
        stop(
            "Runwayweb needs Python 3.11 or newer, and %s is %d.%d. Name a newer one: make run PYTHON=python3.12"
            % ((sys.executable,) + tuple(sys.version_info[:2]))
        )
    make_environment()
    path = os.path.join(HERE, requirements)
    if os.path.basename(path) == "package-lock.json":
        install_for_node(path)
    else:
        install(path)


def make_environment():
    if os.path.exists(PYTHON) and subprocess.call([PYTHON, "-c", SOUND], stderr=subprocess.DEVNULL) == 0:
        return
    try:
        import ensurepip  # noqa: F401  Debian takes it out of Python, and venv cannot do without
        import venv
    except ImportError:
        stop("Python's venv module is missing. On Debian and Ubuntu install it with: apt install python3-venv")
    say("Making .venv")
    venv.create(VENV, clear=True, symlinks=True, with_pip=True)


def install(requirements):
    """Install when the files' content is not what the stamp says; a stamp is written only after success."""
    wanted = fingerprint(requirements)
    if stamped(requirements) == wanted:
        return
    say("Installing %s (a few minutes the first time)" % os.path.basename(requirements))
    options = shlex.split(os.environ.get("PIP_INSTALL_OPTIONS", ""))
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", requirements]
    pip = subprocess.Popen(command + options, stdout=subprocess.PIPE, universal_newlines=True)
    for line in pip.stdout:
        if not line.startswith("Requirement already satisfied"):
            sys.stdout.write(line)
            sys.stdout.flush()
    if pip.wait() != 0:
        stop("pip could not install %s; what it said is above." % os.path.basename(requirements))
    put_stamp(requirements, wanted)


def install_for_node(lock):
    """The same for Node. From the registry that the user's own npm configuration names; a failure stops nothing."""
    folder = os.path.dirname(lock)
    wanted = fingerprint(lock)
    if stamped(lock) == wanted and os.path.isdir(os.path.join(folder, "node_modules")):
        return
    if not (shutil.which("node") and shutil.which("npm")):
        say("Without Node: its stories are skipped. On Debian and Ubuntu install it with: apt install nodejs npm")
        return
    say("Installing %s for Node" % os.path.relpath(lock, HERE))
    if subprocess.call(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder) == 0:
        put_stamp(lock, wanted)
    else:
        say("npm could not install it; what it said is above. The stories of Node are skipped.")


def stamped(requirements):
    """What was installed, as its fingerprint; None where nothing was."""
    try:
        with open(stamp_of(requirements)) as file:
            return file.read()
    except IOError:
        return None


def put_stamp(requirements, fingerprint):
    with open(stamp_of(requirements), "w") as file:
        file.write(fingerprint)


def stamp_of(requirements):
    return os.path.join(VENV, ".installed-" + os.path.basename(requirements))


def fingerprint(requirements):
    """A hash of this requirements file and of those it includes by `-r`."""
    with open(requirements) as file:
        lines = file.read()
    digest = hashlib.sha256(lines.encode("utf-8")).hexdigest()
    for line in lines.splitlines():
        if line.startswith("-r "):
            included = os.path.join(os.path.dirname(requirements), line[3:].strip())
            digest += "+" + fingerprint(included)
    return digest


def say(sentence):
    print(sentence)
    sys.stdout.flush()


def stop(sentence):
    sys.stderr.write(sentence + "\n")
    sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
