FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
# DuckDB's extensions and the LLM may be behind TLS, and the slim image has no root certificates.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json /app/profiles.yml ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/bin/biomem.cjs bin/biomem.cjs
COPY --from=build /app/dist dist
# A named volume takes over this folder's owner when it is first filled, so the worker may write there.
RUN install --directory --owner=node --group=node /data
# Downloaded extensions go to the volume, so that a new container need not fetch them again.
ENV NODE_ENV=production BIOLOGICAL_MEMORY_DIR=/data XDG_CACHE_HOME=/data/cache
USER node
VOLUME /data
ENTRYPOINT ["node", "bin/biomem.cjs"]
CMD ["worker", "--target", "prod"]
