# One image with all of Kith's programs and the web app: built on Debian 12, and shipped on it with no compiler.

FROM debian:bookworm-slim AS build
WORKDIR /kith
COPY deploy/local/install-packages deploy/local/
RUN deploy/local/install-packages build web && rm -rf /var/lib/apt/lists/*
COPY Makefile ./
COPY common common/
COPY sql sql/
COPY services services/
RUN make -j"$(nproc)" release web && install -D -s -t /image/bin build/release/bin/*
# The packages of the libraries that they are linked with: no list to keep.
RUN ldd /image/bin/* | awk '$2 == "=>" { n = split($3, part, "/"); print "*/" part[n] }' | sort -u \
    | xargs dpkg -S | cut -d: -f1 | sort -u > /image/packages

FROM debian:bookworm-slim
COPY --from=build /image/packages /usr/share/kith/packages
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive xargs -a /usr/share/kith/packages \
        apt-get install -y -qq --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 kith \
    && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home \
        --shell /usr/sbin/nologin kith \
    && install -d -o kith -g kith -m 700 /var/lib/kith /var/lib/kith/mail
COPY --from=build /image/bin/ /usr/local/bin/
COPY --from=build /kith/build/web/dist/ /usr/share/kith/web/
RUN ! ldd /usr/local/bin/kith* | grep 'not found'
USER 10001:10001
CMD ["kith", "help"]
