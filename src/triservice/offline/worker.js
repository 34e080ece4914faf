// The service worker: lets one page open without signal. It keeps that page and the files of it, named in
// self.SHELL (views_app.worker writes it above this), and nothing else: no answer that tells of
// anybody ever goes into this cache. Everything else goes to the network as if it were not here.
const { version, page, files } = self.SHELL;
const NAME = `triservice-${version}`;

self.addEventListener("install", (event) => {
  const fresh = [page, ...files].map((url) => new Request(url, { cache: "reload", redirect: "error" }));
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(fresh))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("triservice-") && name !== NAME) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  const ours = origin === self.location.origin && (pathname === page || files.includes(pathname));
  if (method !== "GET" || !ours) return;
  event.respondWith(
    caches
      .open(NAME)
      .then((cache) => cache.match(pathname))
      .then((kept) => kept ?? fetch(event.request)),
  );
});
