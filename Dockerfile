# The application, for the web and for the worker alike; see docs/operate.md.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.lock /
RUN /venv/bin/pip install --require-hashes -r /requirements.lock
WORKDIR /app
COPY . .
# The key is for this step only: it signs nothing, and is not in the image's environment.
RUN VAR_DIR=/tmp/build STATIC_ROOT=/app/collected SECRET_KEY=only-while-building \
    /venv/bin/python manage.py collectstatic --no-input -v0 \
    && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin kla \
    && install -d -o kla -g kla -m 0700 /var/lib/kla
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER kla
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VAR_DIR=/var/lib/kla \
    STATIC_ROOT=/app/collected \
    BIND=0.0.0.0:8000
VOLUME /var/lib/kla
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn"]
