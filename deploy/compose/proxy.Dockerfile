# The proxy: Caddy's own image with our configuration, and folders that it may write without being root.
FROM caddy:2
RUN mkdir -p /data/caddy /config/caddy && chown -R 10001:10001 /data /config
COPY deploy/compose/caddy/ /etc/caddy/
USER 10001:10001
