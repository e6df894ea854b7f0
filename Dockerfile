# Two images: `docker build --target cpu .` and `--target cuda .`. They differ in torch alone. docs/deploy.md says how they run.
ARG PYTHON=3.12

# Trixie, for its PostgreSQL client is of the major version that compose.yaml runs: an older one could not back it up.
FROM python:${PYTHON}-slim-trixie AS base
# Everything that is written lies in RUNWAYWEB_DATA, a volume, or in /tmp: the rest of the root may be read-only.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RUNWAYWEB_DATA=/data \
    HF_HOME=/data/huggingface \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/cache \
    PG_BIN=/usr/lib/postgresql/17/bin
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --home-dir /tmp runwayweb \
    && install -d -o runwayweb -g runwayweb /data /data/media /data/arriving /data/ephemeral /data/models \
        /data/credentials
WORKDIR /app

FROM base AS cpu-packages
RUN python -m venv /venv
COPY requirements.txt requirements-telemetry.txt ./
# Where PyTorch keeps its builds for CPUs, a tenth of the size: pytorch.org, "Start locally", tells the address. What is
# pinned is found there under the same version. Without one, the default build is taken, which brings CUDA with it.
ARG CPU_TORCH=""
RUN if [ -n "$CPU_TORCH" ]; then \
    pip install --no-cache-dir --extra-index-url "$CPU_TORCH" "$(grep '^torch==' requirements.txt)+cpu"; fi \
    && pip install --no-cache-dir -r requirements.txt -r requirements-telemetry.txt

FROM base AS cuda-packages
RUN python -m venv /venv
COPY requirements.txt requirements-telemetry.txt ./
# The default build brings CUDA with it; the host needs its driver and the NVIDIA container toolkit.
RUN pip install --no-cache-dir -r requirements.txt -r requirements-telemetry.txt

FROM base AS cpu
COPY --from=cpu-packages /venv /venv
COPY . .
USER 10001:10001
VOLUME /data
EXPOSE 8000
ENV BIND=0.0.0.0 DEBUG=off
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=20s --start-period=120s --retries=3 CMD ["python", "manage.py", "alive"]
CMD ["python", "manage.py", "up"]

FROM base AS cuda
COPY --from=cuda-packages /venv /venv
COPY . .
USER 10001:10001
VOLUME /data
EXPOSE 8000
ENV BIND=0.0.0.0 DEBUG=off NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=20s --start-period=120s --retries=3 CMD ["python", "manage.py", "alive"]
CMD ["python", "manage.py", "up"]
