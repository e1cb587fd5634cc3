# Airflow 3.3.2 on Python 3.12, for Astro and for docker-compose.yaml. The `-base` variant has no build triggers: those
# refuse requirements that pin apache-airflow, as ours do, and would install them before the project is there.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12-base

USER root
COPY packages.txt .
RUN /usr/local/bin/install-system-packages
COPY requirements.txt .
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt

COPY --chown=astro:0 . .
# Editable, as everywhere: pair files and carriers.yaml stay files in include/, which may be mounted over.
RUN pip install --no-cache-dir --root-user-action=ignore --no-deps -e . \
    && retail-sync --help > /dev/null \
    && install -d -o astro -g 0 -m 775 logs passwords

USER astro
