"""What no line of the studio's own code may do, found in its syntax tree: each rule with what it is for and where it is
broken on purpose. Needs no Django."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

SECRET = re.compile(r"secret|password|passwd|token|credential|private_key|api_key", re.IGNORECASE)
TELLING = ("print", "write", "debug", "info", "warning", "error", "exception", "critical", "log", "say")


@dataclass(frozen=True)
class Rule:
    """`finds(tree)` gives the nodes that break it. `allowed`: {file or folder: why it may there}. `bad` and `fine` are
    lines that it must and must not find."""

    why: str
    finds: Callable[[ast.AST], Iterator[ast.AST]]
    bad: tuple[str, ...]
    fine: tuple[str, ...] = ()
    allowed: dict[str, str] = field(default_factory=dict)
    only_in: tuple[str, ...] = ()  # folders in which it holds; everywhere without

    def holds_in(self, path: str) -> bool:
        return not self.only_in or any(_lies_in(path, folder) for folder in self.only_in)

    def allows(self, path: str) -> str | None:
        """The entry of `allowed` that covers a file, or None."""
        return next((place for place in self.allowed if _lies_in(path, place)), None)


def _lies_in(path, place):
    return PurePosixPath(path).is_relative_to(place) if not place.startswith("*/") else place[2:] in path.split("/")


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression of names, attributes and calls; what else stands before them is left out."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else f"….{node.attr}"
    return ""


def _imports(*modules):
    """Finds imports of these modules and of anything in them."""

    def finds(tree):
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            if any(name == module or name.startswith(f"{module}.") for name in names for module in modules):
                yield node

    return finds


def _calls(*names, ends=()):
    """Finds calls of these names, and of any that ends in one of `ends`."""

    def finds(tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = dotted(node.func)
                if called in names or any(called.endswith(f".{end}") or called == end for end in ends):
                    yield node

    return finds


def _either(*rules):
    def finds(tree):
        for rule in rules:
            yield from rule(tree)

    return finds


def _argument(name, value):
    """Finds calls with this argument by name."""

    def finds(tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg == name and isinstance(keyword.value, ast.Constant) and keyword.value.value is value:
                        yield node

    return finds


def _rows_by_id_alone(tree):
    """`Model.objects.get(pk=…)`, `.filter(pk=…).first()` and `get_object_or_404(Model, pk=…)`: asked for by an id that
    came from outside, and by nothing that says whose it is. A row that is in hand (`pk=row.pk`) is not from outside."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        lookups = {keyword.arg for keyword in node.keywords}
        of_a_row = all(dotted(keyword.value).endswith((".pk", ".id")) for keyword in node.keywords)
        if not lookups or not lookups <= {"pk", "id", "uuid"} or of_a_row:
            continue
        on_all = re.search(r"(^|\.)[A-Z]\w*\.objects(\.all)?\.(get|filter)$", called)
        model = node.args and re.fullmatch(r"(\w+\.)*[A-Z]\w*(\.objects(\.all)?)?", dotted(node.args[0]))
        if on_all or (called.endswith("get_object_or_404") and model):
            yield node


def _secrets_told(tree):
    """A secret by its name among what is printed or logged; its length or whether there is one may be told."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in TELLING:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if any(_names_a_secret(inner) for inner in ast.walk(argument)):
                    yield node
                    break


def _names_a_secret(node):
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return bool(SECRET.search(name))


def _built_sql(tree):
    """SQL put together of pieces: an f-string, a sum or a format as the first argument of what runs it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            runs, first = dotted(node.func).rpartition(".")[2], next(iter(node.args), None)
            pieced = isinstance(first, ast.JoinedStr | ast.BinOp) or (
                isinstance(first, ast.Call) and dotted(first).endswith(".format")
            )
            if pieced and runs in ("execute", "executemany", "RawSQL", "raw", "RunSQL"):
                yield node
            elif runs == "extra" and isinstance(node.func, ast.Attribute):
                yield node


def _without_csrf(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if any(dotted(one).endswith("csrf_exempt") for one in node.decorator_list):
                yield node


def _process_by_hand(tree):
    yield from _imports("subprocess", "multiprocessing", "pty")(tree)
    yield from _calls(
        *(f"os.{name}" for name in ("fork", "forkpty", "execv", "execve", "execvp", "execvpe", "execl", "execlp")),
        *(f"os.{name}" for name in ("spawnv", "spawnl", "spawnvp", "spawnlp", "posix_spawn", "posix_spawnp")),
        "asyncio.create_subprocess_exec",
        "asyncio.create_subprocess_shell",
    )(tree)


DOORS = (
    "projects/views",
    "runwayweb/accounts/views",
    "runwayweb/assets/views",
    "runwayweb/subscriptions/billing/views",
)
DOORS += ("runwayweb/api/v1", "runwayweb/api/pages", "projects/consumers.py", "runwayweb/subscriptions/views.py")

RULES = {
    "pickle": Rule(
        "A pickle runs whatever its author wrote the moment it is opened.",
        _either(
            _imports("pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "jsonpickle"),
            _argument("allow_pickle", True),
        ),
        bad=(
            "import pickle",
            "from pickle import loads",
            "def f():\n    import shelve",
            "np.load(f, allow_pickle=True)",
        ),
        fine=("import json", "np.load(f, allow_pickle=False)", "from generation.engine.weights import refuse_pickles"),
    ),
    "torch.load": Rule(
        "It opens pickles, `weights_only=True` or not; weights are safetensors.",
        _calls("torch.load", "torch.jit.load", "torch.hub.load", "torch.export.load", "torch.package.PackageImporter"),
        bad=("torch.load(path)", "torch.load(file, weights_only=True)", "torch.hub.load('a/b', 'c')"),
        fine=("safetensors.torch.load_file(path)",),
        allowed={
            "generation/engine/offline/packaged.py": "the bytes of known packages, opened only where their SHA-256 is "
            "one that somebody looked at"
        },
    ),
    "shell": Rule(
        "What goes through a shell may be read as another command.",
        _either(
            _argument("shell", True), _calls("os.system", "os.popen", "subprocess.getoutput", "commands.getoutput")
        ),
        bad=("subprocess.run(c, shell=True)", "os.system('ls')", "os.popen(c)"),
        fine=("subprocess.run(['ls'], shell=False)", "subprocess.run(['ls'])"),
    ),
    "network": Rule(
        "Where the studio speaks to other machines is said here, so that each place is looked at for whom it lets in.",
        _imports(
            *(
                "requests",
                "httpx",
                "aiohttp",
                "urllib3",
                "urllib.request",
                "http.client",
                "ftplib",
                "smtplib",
                "socket",
            ),
            *("telnetlib", "xmlrpc", "pycurl", "websockets", "websocket", "huggingface_hub", "boto3", "botocore"),
        ),
        bad=(
            "import requests",
            "from urllib import request",
            "from http.client import HTTPSConnection",
            "import socket",
        ),
        fine=("from urllib.parse import urlsplit", "from http import HTTPStatus"),
        allowed={
            "runwayweb/assets/guarded.py": "addresses that somebody wrote: this is the guard",
            "runwayweb/assets/fetching.py": "files from such addresses, over the guard's line",
            "runwayweb/assets/s3.py": "the operator's bucket",
            "runwayweb/api/webhooks/sending.py": "webhooks, over the guard's line",
            "runwayweb/accounts/mail.py": "names the errors of Django's own mail",
            "runwayweb/accounts/views/elsewhere.py": "names the errors of requests that allauth makes to a "
            "provider of the operator's",
            "runwayweb/asking.py": "services that the operator named, who lead nowhere else",
            "projects/suggesting.py": "the operator's language model, SUGGESTIONS_URL, by asking.py",
            "generation/moderation.py": "the operator's service, MODERATION, by asking.py",
            "generation/engine/weights.py": "weights of models, for `manage.py models`",
            "generation/engine/store.py": "weights of models, for `manage.py models`",
            "generation/pulse.py": "the name of this machine",
            "generation/watchdog.py": "systemd of this machine, by the socket that it names",
            "runwayweb/supervisor/door.py": "the port that is listened on",
            "runwayweb/supervisor/heartbeats.py": "signs of life of this machine's own processes",
            "runwayweb/supervisor/readiness.py": "asks this site itself whether it answers",
            "runwayweb/proof": "the name of this machine, for `manage.py audit`",
            "runwayweb/assets/reaching.py": "whether a closed process reaches anybody, for `manage.py doctor`",
            "runwayweb/checkup.py": "whether the port is free, and listens for that, for `manage.py doctor`",
        },
    ),
    "yaml": Rule(
        "YAML makes objects of its reader's choosing; what is configured here is JSON, TOML or the environment.",
        _imports("yaml", "ruamel"),
        bad=("import yaml\nyaml.load(f)", "from yaml import load"),
    ),
    "eval": Rule(
        "What came as text stays text.",
        _calls("eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"),
        bad=("eval('1')", "exec(code)", "compile(s, 'f', 'exec')"),
        fine=("re.compile('a')", "model.eval()", "torch.compile(m)"),
    ),
    "html": Rule(
        "HTML is made by templates and format_html, which escape what they are given.",
        _either(
            _calls(ends=("mark_safe", "SafeString", "SafeText")),
            _imports("django.utils.safestring.SafeString", "django.utils.safestring.SafeText"),
        ),
        bad=("mark_safe(text)", "return safestring.mark_safe(x)", "SafeString(x)"),
        fine=("format_html('<b>{}</b>', x)",),
        allowed={
            "runwayweb/templatetags/importmap.py": "JSON of our own file names; <, > and & are escaped",
            "runwayweb/templatetags/coded.py": "joins what format_html made",
        },
    ),
    "whose row": Rule(
        "A door asks for a row by its id and by whose it is: a stranger's is none.",
        _rows_by_id_alone,
        bad=(
            "Take.objects.get(pk=id)",
            "models.Take.objects.all().get(id=id)",
            "get_object_or_404(Take, pk=id)",
            "Take.objects.filter(pk=id).first()",
        ),
        fine=(
            "Take.objects.visible_to(user).get(pk=id)",
            "get_object_or_404(Take.objects.visible_to(user), pk=id)",
            "Take.objects.get(pk=id, workspace=workspace)",
            "User.objects.get(pk=request.user.pk)",
        ),
        only_in=DOORS,
    ),
    "process": Rule(
        "Other programs are started by the supervisor, and decoders by the sandbox.",
        _process_by_hand,
        bad=("import subprocess", "from subprocess import run", "os.execvp(a, b)", "import multiprocessing"),
        fine=("import os",),
        allowed={
            "runwayweb/assets/sandbox.py": "closed processes for what came from outside",
            "runwayweb/supervisor": "the studio's own processes, and nvidia-smi",
            "runwayweb/management/commands/web.py": "becomes the web server, by the supervisor's command line",
            "runwayweb/backups": "PostgreSQL's own programs, and a restore that is tried beside",
            "generation/engine/memory.py": "nvidia-smi, without an argument from outside",
            "generation/engine/training": "training, by whoever keeps the studio's code",
            "prepare.py": "pip and npm, before anything is installed",
        },
    ),
    "secrets": Rule(
        "What is printed or logged is kept by others.",
        _secrets_told,
        bad=("print(api_key)", "logger.info('key %s', settings.SECRET_KEY)", "self.stdout.write(f'{password}')"),
        fine=("print('Set a password')", "logger.info('%s', user.pk)"),
        allowed={"runwayweb/settings.py": "writes the key of the data folder, once, where only its owner may read"},
    ),
    "sql": Rule(
        "Values go into SQL as parameters.",
        _built_sql,
        bad=(
            "cursor.execute(f'SELECT {x}')",
            "cursor.execute('SELECT %s' % x)",
            "RawSQL('a' + b, [])",
            "q.extra(where=w)",
        ),
        fine=("cursor.execute('SELECT %s', [x])", "RawSQL('SELECT 1', [])", "list.extend(x)"),
        allowed={
            "runwayweb/backups/checking.py": "a database of its own, whose name psycopg quotes",
            "runwayweb/sqlite/base.py": "a pragma takes no parameters; it gets a number of the settings",
        },
    ),
    "csrf": Rule(
        "A form that changes something carries the token of its page.",
        _without_csrf,
        bad=("@csrf_exempt\ndef f(request): ...", "@csrf.csrf_exempt\nclass V: ..."),
        fine=("@csrf_protect\ndef f(request): ...",),
        allowed={
            "runwayweb/api/v1/uploads.py": "known by a signature in its address, not by a cookie",
            "runwayweb/api/missing.py": "answers 404 and knows nobody",
            "runwayweb/console/gate.py": "asks for the token within, once it knows that it is one of the staff",
            "runwayweb/subscriptions/billing/views/webhook.py": "known by Stripe's signature",
            "projects/views/script.py": "asks for the token itself, once it knows that the form is not too large",
        },
    ),
    "certificates": Rule(
        "Who answers proves who it is.",
        _either(
            _argument("verify", False),
            _calls("ssl._create_unverified_context"),
            _argument("check_hostname", False),
        ),
        bad=("requests.get(u, verify=False)", "ssl._create_unverified_context()"),
        fine=("ssl.create_default_context()",),
    ),
    "temporary names": Rule(
        "A name that is free now may be somebody else's file a moment later.",
        _calls("tempfile.mktemp", "os.tempnam", "os.tmpnam"),
        bad=("tempfile.mktemp()",),
        fine=("tempfile.mkstemp()", "tempfile.TemporaryDirectory()"),
    ),
}

UNESCAPED = re.compile(r"\|\s*(?:safe|safeseq)\b|\{%-?\s*autoescape\s+off")
EXPLAINED = re.compile(r"#\s*nosec\s+(?:B\d{3}(?:,\s*B\d{3})*)\s+#\s*\S+.{10,}")
