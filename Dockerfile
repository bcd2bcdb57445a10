# syntax=docker/dockerfile:1
# One image for every app: the command of a container says which one it runs, e.g. dist/apps/orders/src/main.js.
#
# Both bases have Node 24 as package.json pins it for development; a tag moves with its patches. For builds that repeat to the
# byte give digests: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:… --build-arg RUNTIME_IMAGE=…@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

# What apps need at run time. Made anew when the lock changes, not when a source does.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund
COPY deploy/image/prune-modules.mjs /
RUN node /prune-modules.mjs

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.json nest-cli.json .swcrc ./
COPY scripts scripts
COPY apps apps
COPY libs libs
COPY deploy/image/collect.mjs deploy/healthcheck.mjs deploy/
RUN npm run build && node deploy/collect.mjs /image/app && mkdir /image/operators /image/secrets

FROM ${RUNTIME_IMAGE} AS app
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /app/node_modules node_modules
COPY --from=build /image/app ./
# Volumes that are mounted here belong to the user of the image: operators' credentials, passwords.
COPY --from=build --chown=nonroot:nonroot /image/operators /operators
COPY --from=build --chown=nonroot:nonroot /image/secrets /secrets

# docker build --target gateway: the gateway alone, with its arguments: docker run … gateway --config /my-api/gateway.yaml
FROM app AS gateway
EXPOSE 8080 9100
ENTRYPOINT ["/nodejs/bin/node", "--import", "./dist/libs/telemetry/src/register-gateway.js", "dist/apps/gateway/src/main.js"]

FROM app
CMD ["--import", "./dist/libs/telemetry/src/register-gateway.js", "dist/apps/gateway/src/main.js"]
