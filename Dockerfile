# Two stages: the first builds a virtual environment from hash-locked requirements, the second holds nothing else.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv /opt/builder \
 && /opt/builder/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
 && python3 -m venv /opt/ejsync \
 && /opt/ejsync/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY contracts contracts
COPY config config
COPY src src
RUN /opt/builder/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /build/wheels . \
 && /opt/ejsync/bin/pip install --no-cache-dir --no-deps /build/wheels/*.whl \
 && /opt/ejsync/bin/python -m compileall -q /opt/ejsync/lib

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="ejsync" \
      org.opencontainers.image.description="Carries a school's ElJur journal to the electronic diary service"
COPY --from=build /opt/ejsync /opt/ejsync
ENV PATH=/opt/ejsync/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    LANG=C.UTF-8 \
    EJSYNC_CONFIG=/data/ejsync.toml
# State, settings and the lock live in one volume; the rest of the file system may be read-only. A new named volume takes
# over the owner of this folder.
RUN mkdir /data && chown 10001:10001 /data
VOLUME /data
WORKDIR /data
USER 10001:10001
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/opt/ejsync/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8787/healthz', timeout=4)"]
ENTRYPOINT ["ejsync"]
CMD ["run"]
