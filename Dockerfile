# syntax=docker/dockerfile:1
# One image for every app: the command of a container says which one it runs, e.g. dist/apps/orders/src/main.js.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings its own Node: the platform packages of a modern node are for machines that have an older one.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/.bin/node

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.json nest-cli.json .swcrc ./
COPY scripts scripts
COPY apps apps
COPY libs libs
RUN npm run build && find dist -name '*.map' -delete && mkdir /operators

FROM gcr.io/distroless/nodejs24-debian12:nonroot AS app
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# Data that is read at run time: migrations, the descriptor set, the gateway's configuration.
COPY --from=build /app/apps apps
COPY --from=build /app/libs libs
COPY deploy/healthcheck.mjs deploy/healthcheck.mjs
# A volume that is mounted here belongs to the user of the image: operators' credentials are written to it.
COPY --from=build --chown=nonroot:nonroot /operators /operators

# docker build --target gateway: the gateway alone, with its arguments: docker run … gateway --config /my-api/gateway.yaml
FROM app AS gateway
EXPOSE 8080 9100
ENTRYPOINT ["/nodejs/bin/node", "--import", "./dist/libs/telemetry/src/register-gateway.js", "dist/apps/gateway/src/main.js"]

FROM app
CMD ["--import", "./dist/libs/telemetry/src/register-gateway.js", "dist/apps/gateway/src/main.js"]
