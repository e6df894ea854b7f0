"""The models of this installation: which there are, what they need, and how they come here."""

import sys
import unicodedata
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify
from tqdm import tqdm

from generation.engine import catalogue, memory, store
from generation.engine.cards import offline, offline_sound
from generation.engine.published import PUBLISHED
from generation.engine.tasks import SOUNDS, STILLS, TASKS
from generation.engine.weights import ModelRefused

SHIPPED = (catalogue.BUILT_IN, catalogue.ANIMATIC, catalogue.FOLEY)  # under the licence of this project
FITS = {
    "full": "runs as it is",
    "fp8": "runs with its weights in fp8",
    "offload": "runs from RAM, slowly",
    None: "does not fit",
}


class Command(BaseCommand):
    help = "List, pull, verify, add and remove models, and say which of them fit this machine."
    requires_system_checks = []

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        listing = verbs.add_parser("list", help="every model there is, and which are installed")
        listing.add_argument("--markdown", action="store_true", help="the page docs/models.md")
        verbs.add_parser("plan", help="which models fit the GPUs of this machine, and which to take for what")
        pull = verbs.add_parser("pull", help="fetch a model; goes on where an earlier pull stopped")
        pull.add_argument("id")
        pull.add_argument("--accept-licence", action="store_true", help="for a licence that forbids something")
        verify = verbs.add_parser("verify", help="compare a model's files with what they were")
        verify.add_argument("id")
        remove = verbs.add_parser("remove", help="delete a model that was pulled, or forget one that was added")
        remove.add_argument("id")
        add = verbs.add_parser("add", help="let a folder of your own, or a LoRA, join the catalogue")
        add.add_argument("path", help="a saved pipeline's folder, or a LoRA's safetensors file")
        add.add_argument("--id", help="what to call it (its own name)")
        add.add_argument("--base", help="of a LoRA: the installed model that it changes")
        add.add_argument("--weight", type=float, default=1.0, help="of a LoRA: how strongly (1)")
        add.add_argument("--trigger", default="", help="of a LoRA: words that prompts begin with")

    def handle(self, *, verb, verbosity, **options):
        try:
            getattr(self, f"_{verb}")(silent=verbosity == 0, **options)
        except ModelRefused as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped; what was fetched is kept. Pull again to go on.", returncode=130) from None

    def _list(self, markdown, **options):
        self.stdout.write(page() if markdown else _table(_rows()))

    def _plan(self, **options):
        gpus = memory.gpus()
        names = [f"GPU {number}: {gpu.name}, {gpu.memory_gb:g} GB" for number, gpu in enumerate(gpus)]
        self.stdout.write("\n".join(names) or "No GPU was found; without one, these run: " + _names(_without_gpu()))
        if gpus:
            best = max(gpus, key=lambda gpu: gpu.memory_gb)
            self.stdout.write("")
            self.stdout.write(_table([_planned(card, best) for card in _every()]))
        self.stdout.write("")
        for task, card in memory.defaults(_every(), gpus).items():
            here = "" if _is_installed(card) else f" ({catalogue.how_to_install(card)})"
            self.stdout.write(f"{TASKS[task]}: {card.name}{here}")

    def _pull(self, id, accept_licence, silent, **options):
        card = _published(id)
        if store.is_pulled(card):
            self.stdout.write(f"{card.name} is here already, in {store.folder_of(card.id)}.")
            return
        if card.licence and card.licence.forbids and not accept_licence:
            raise CommandError(
                f"{card.name} comes under {card.licence.name} ({card.licence.url}). {card.licence.forbids} "
                "If that suits you: --accept-licence."
            )
        published = store.look_up(card)
        with tqdm(
            total=published.size_bytes, desc=card.name, unit="B", unit_scale=True, file=sys.stderr, disable=silent
        ) as bar:
            folder = store.pull(card, published, lambda count: bar.update(count - bar.n))
        self.stdout.write(f"{card.name} is installed: {store.gigabytes(published.size_bytes)} in {folder}.")

    def _verify(self, id, **options):
        verified = store.verify(id, _folder(id))
        if verified.first:
            self.stdout.write(f"{id} was not pinned; what its files are now is recorded.")
        elif verified.sound:
            self.stdout.write(f"{id}: every file is what it was.")
        else:
            found = [
                f"{what}: {', '.join(names)}"
                for what, names in (
                    ("changed", verified.changed),
                    ("missing", verified.missing),
                    ("not there before", verified.unknown),
                )
                if names
            ]
            raise CommandError(f"{id} is not what it was. {'; '.join(found).capitalize()}.")

    def _remove(self, id, **options):
        if id in [card.id for card in SHIPPED]:
            raise CommandError(f"{id} comes with the studio and stays.")
        was_added = id in store.added() or id in store.added_loras()
        if not was_added:
            _published(id)
        freed = store.remove(id)
        if was_added:
            self.stdout.write(f"{id} is out of the catalogue; its files were left alone.")
        elif freed:
            self.stdout.write(f"{id} is removed: {store.gigabytes(freed)} free again.")
        else:
            self.stdout.write(f"{id} was not here.")

    def _add(self, path, base, weight, trigger, **options):
        file = Path(path).expanduser()
        if not file.exists():
            raise CommandError(f"There is no folder or file {path}.")
        model_id = slugify(options["id"] or (file.resolve().name if file.is_dir() else file.stem))
        taken = {card.id for card in (*catalogue.installed(), *PUBLISHED)} - {*store.added(), *store.added_loras()}
        if not model_id or model_id in taken:
            raise CommandError(f"Another model is called {model_id or path!r}; choose with --id.")
        if file.is_dir():
            store.add(model_id, file)
            found = catalogue.card(model_id).pipeline_class
            self.stdout.write(f"{model_id} is in the catalogue: a {found} from {path}.")
            return
        bases = [card.id for card in catalogue.installed() if catalogue.takes_loras(card)]
        if base not in bases:
            raise CommandError(
                f"A LoRA changes an installed model; say which with --base: {', '.join(bases) or 'none is installed'}."
            )
        store.add_lora(model_id, base, file, weight=weight, trigger=trigger.strip())
        self.stdout.write(f"{model_id} is in the catalogue: {catalogue.card(model_id).summary}.")


def page() -> str:
    """docs/models.md: every model with what it does, takes and needs, generated from the catalogue."""
    lines = [
        "# Models",
        "",
        "Generated by `python manage.py models list --markdown`. How a model is driven: [engine.md](engine.md).",
        "",
        "| model | role | what it does | frame | billion parameters | credits a second | licence | for sale "
        "| GPU memory: full / fp8 / from RAM |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for card in (*SHIPPED, *packaged(), *PUBLISHED):
        needs = " / ".join(f"{card.needs.of_gpu(plan):.0f} GB" for plan in memory.PLANS) if card.needs else "none"
        licence = f"[{card.licence.name}]({card.licence.url})" if card.licence else "this project's"
        if card.licence and card.licence.forbids:
            licence += f"<br>Restricted: {card.licence.forbids}"
        what = ", ".join(name.replace("_", " ") for name in TASKS if name in card.tasks)
        frame = _frame(card)
        named = f"**{card.name}** (`{card.id}`)<br>{card.summary}"
        sold = (_parameters(card), f"{card.credits_per_second:g}", licence, _for_sale(card))
        lines.append(f"| {' | '.join((named, card.role, what, frame, *sold, needs))} |")
    lines += [
        "",
        f"{', '.join(card.name for card in packaged())} come inside packages: `make run EXTRAS=offline`",
        "installs them (Linux, x86-64, Python 3.11), and nothing has to be pulled. Sounds are asked for in the room",
        "*Sound* of the studio, and from the menu of a clip or of a sound.",
        "",
        "For sale: whether the licence lets anybody sell what is made with a model on their own machines.",
        "",
        "Memory is planned from the sizes of a model's parts and has not been measured on a GPU. No revision is",
        "pinned by this project: what `pull` fetched, or `verify` first saw, is recorded on your machine and compared",
        "from then on.",
        "",
        "| task | name |",
        "|---|---|",
        *(f"| {what} | `{name}` |" for name, what in TASKS.items()),
        "",
    ]
    return "\n".join(lines)


def packaged():
    """The models that come inside packages, installed or not."""
    return (*offline.PACKAGES, *offline_sound.CARDS)


def _frame(card):
    if card.tasks <= SOUNDS:
        return f"up to {card.max_seconds:g} s"
    pixels = f"{card.max_pixels / 1e6:.2f} megapixels"
    return pixels if card.tasks <= STILLS else f"{pixels}, {card.fps} fps"


def _parameters(card):
    return "" if card.parameters_billion is None else f"{card.parameters_billion:g}"


def _for_sale(card):
    return {True: "yes", False: "no", None: "yes" if card in SHIPPED else "unknown"}[card.may_be_sold]


def _rows():
    yield "id", "role", "what it is", "billion parameters", "credits a second", "licence", "for sale", "here"
    for card in _every():
        licence = card.licence.name if card.licence else ""
        if card.licence and card.licence.forbids:
            licence += " (restricted)"
        costs = (_parameters(card), f"{card.credits_per_second:g}")
        yield card.id, card.role, card.summary, *costs, licence, _for_sale(card), _state(card)


def _state(card):
    if card in packaged():
        return "installed" if card in catalogue.installed() else "not installed: make run EXTRAS=offline"
    if card.repository is None:
        return "added" if card.id in store.added() or card.id in store.added_loras() else "installed"
    if store.is_pulled(card):
        revision = store.revision_of(card.id)
        return f"installed, {revision[:8]}" if revision else f"installed, {_pinned(card)}"
    return "unfinished: pull again" if store.folder_of(card.id + store.PULLING).is_dir() else "not installed"


def _pinned(card):
    return "verified" if store.is_pinned(card.id) else "unpinned"


def _planned(card, gpu):
    plan = memory.fit(card.needs, gpu)
    ram = card.needs.of_ram(plan) if card.needs and plan else 0
    need = f"{card.needs.of_gpu(plan or 'offload'):.0f} GB" if card.needs else ""
    return card.id, FITS[plan], need, f"and {ram:.0f} GB of RAM" if ram else ""


def _every():
    """Every model: installed ones, then those that could be."""
    installed = {card.id: card for card in catalogue.installed()}
    return (*installed.values(), *(card for card in (*packaged(), *PUBLISHED) if card.id not in installed))


def _without_gpu():
    return [card for card in _every() if card.needs is None and card.repository is None and _is_installed(card)]


def _names(cards):
    return ", ".join(card.name for card in cards)


def _is_installed(card):
    if card in packaged():
        return card in catalogue.installed()
    return card.repository is None or store.is_pulled(card)


def _published(model_id):
    for card in PUBLISHED:
        if card.id == model_id:
            return card
    raise CommandError(f"No model to be pulled is called {model_id!r}; there are {', '.join(c.id for c in PUBLISHED)}.")


def _folder(model_id):
    """Where an installed model lies."""
    try:
        location = catalogue.card(model_id).location
    except catalogue.ModelNotFound as error:
        raise CommandError(str(error)) from None
    if location is None or not Path(location).is_dir():
        raise CommandError(f"{model_id} has no files of its own.")
    return Path(location)


def _table(rows):
    """Rows of cells as text in columns; the last one is not padded."""
    rows = [tuple(map(str, row)) for row in rows]
    widths = [max(_columns(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _columns(text):
    """How many columns a terminal takes for a text."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
