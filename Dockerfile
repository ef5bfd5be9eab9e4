# One image for every process; the command says which.
FROM node:22-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json ./
# The installed Temporal core carries a binary per platform; tests and stand-ins stay outside.
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
RUN mkdir /data && chown node:node /data
USER node
# The workflows are bundled while the image is made, so that a worker starts without webpack.
RUN node --import tsx worker/bundle-main.ts /data
EXPOSE 3000
CMD ["node", "--import", "tsx", "api/main.ts"]
