# The hub as a container: official Node LTS, no build step for the server, a normal user.
FROM node:26-slim AS build
WORKDIR /affluent
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npx vite build dashboards/console

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /affluent
COPY package.json package-lock.json .npmrc ./
# The image has its own Node: the one that the project brings along stays out.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node-linux-* && npm cache clean --force
COPY --from=build /affluent/dist dist
COPY . .
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 1883
ENTRYPOINT ["node", "--max-semi-space-size=4", "bin/affluent.js"]
CMD ["start", "--hub", "docker/hub.yaml"]
