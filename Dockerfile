# Vigie on a slim Debian, as a user without rights. One image for both parts: `vigie web` and `vigie worker`.
FROM python:3.13-slim AS build

WORKDIR /src
COPY requirements.txt ./
RUN python -m venv /opt/vigie \
    && /opt/vigie/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY memory memory
COPY adapters adapters
COPY vigie vigie
# The build's own tools are pinned in requirements.txt too, so nothing else is fetched; they are not shipped.
RUN /opt/vigie/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
    && /opt/vigie/bin/python -m pip uninstall --yes --quiet setuptools pip

FROM python:3.13-slim

RUN useradd --system --uid 10001 --home-dir /var/lib/vigie --create-home --shell /usr/sbin/nologin vigie
COPY --from=build /opt/vigie /opt/vigie
ENV PATH=/opt/vigie/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VIGIE_HOME=/var/lib/vigie/data \
    HOST=0.0.0.0 \
    PORT=8080 \
    VIGIE_HEALTH_PORT=8081
USER vigie
WORKDIR /var/lib/vigie
RUN mkdir -m 700 data
VOLUME /var/lib/vigie/data
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
# The page answers on the one, a worker on the other; a proxy of the container's is not asked.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, sys, urllib.request as ask\ndirectly = ask.build_opener(ask.ProxyHandler({}))\nfor name in ('PORT', 'VIGIE_HEALTH_PORT'):\n    try:\n        directly.open(f'http://127.0.0.1:{os.environ[name]}/readyz', timeout=4)\n        sys.exit()\n    except OSError:\n        pass\nsys.exit(1)"]
CMD ["vigie", "web"]
