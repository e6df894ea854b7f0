"""Who runs on this machine: the web servers, a worker for each GPU, media workers, the dispatcher, and who
tells addresses elsewhere."""

from django.conf import settings

from runwayweb.supervisor.child import Child
from runwayweb.supervisor.commands import manage_command, web_command, web_environment
from runwayweb.supervisor.gpus import visible_gpus
from runwayweb.valkey import valkey_command


def valkey() -> Child | None:
    """The embedded Valkey, unless VALKEY_URL names another. Raises ValkeyMissing."""
    if not settings.EMBEDDED_VALKEY:
        return None
    return Child("valkey", valkey_command(settings.EMBEDDED_VALKEY_SOCKET))


def children(door: int) -> list[Child]:
    """Everybody but Valkey. `door` is the file descriptor of the socket the web servers share."""
    media = [
        Child(name, manage_command("mediaworker"), env={"WORKER_SLOT": name}, beats=True, gives_way=True)
        for name in _names("media", settings.MEDIA_WORKERS)
    ]
    alone = [Child(name, manage_command(name), beats=True) for name in ("dispatcher", "webhooks")]
    return [*gpu_workers(), *web_servers(door), *media, *alone]


def web_servers(door: int) -> list[Child]:
    """As many as WEB_WORKERS says. `door` is the file descriptor of the socket they share."""
    return [
        Child(name, web_command("--fd", str(door)), env=web_environment(), pass_fds=[door])
        for name in _names("web", settings.WEB_WORKERS)
    ]


def gpu_workers() -> list[Child]:
    """As many as GPU_WORKERS says, or one for each GPU, dealt out over the GPUs; on the CPU without one."""
    gpus = visible_gpus()
    count = settings.GPU_WORKERS if settings.GPU_WORKERS >= 0 else max(1, len(gpus))
    return [
        Child(
            name,
            manage_command("gpuworker"),
            env={"WORKER_SLOT": name} | ({"CUDA_VISIBLE_DEVICES": gpus[number % len(gpus)]} if gpus else {}),
            beats=True,
            gives_way=True,
        )
        for number, name in enumerate(_names("gpu", count))
    ]


def _names(kind: str, count: int) -> list[str]:
    return [kind] if count == 1 else [f"{kind} {number}" for number in range(1, count + 1)]
