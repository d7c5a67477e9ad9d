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
# The build's own tools are pinned in requirements.txt too, so nothing else is fetched.
RUN /opt/vigie/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim

RUN useradd --system --uid 10001 --home-dir /var/lib/vigie --create-home --shell /usr/sbin/nologin vigie
COPY --from=build /opt/vigie /opt/vigie
ENV PATH=/opt/vigie/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VIGIE_HOME=/var/lib/vigie/data \
    HOST=0.0.0.0 \
    PORT=8080
USER vigie
WORKDIR /var/lib/vigie
RUN mkdir -m 700 data
VOLUME /var/lib/vigie/data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/readyz\", timeout=4)"]
CMD ["vigie", "web"]
