// Reads what the document's origin stores, bounded in number and size. Runs in an isolated world.
(async () => {
    const entries = [];
    const MOST = 300, LENGTH = 16384;
    let left = 524288;
    const put = (area, key, value) => {
        if (entries.length >= MOST || left <= 0) return;
        const text = String(value).slice(0, LENGTH);
        left -= text.length;
        entries.push({ area, key: String(key), value: text });
    };
    const soon = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 1000))]);
    const asked = (request) => new Promise((done) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => done(undefined);
        request.onblocked = () => done(undefined);
    });
    const attempt = async (work) => { try { await soon(work()); } catch { /* refused to this origin */ } };
    await attempt(async () => {
        for (let i = 0; i < localStorage.length; i++) put('local', localStorage.key(i), localStorage.getItem(localStorage.key(i)));
    });
    await attempt(async () => {
        for (let i = 0; i < sessionStorage.length; i++) put('session', sessionStorage.key(i), sessionStorage.getItem(sessionStorage.key(i)));
    });
    await attempt(async () => {
        for (const { name } of await indexedDB.databases()) {
            const database = await asked(indexedDB.open(name));
            if (!database) continue;
            for (const store of database.objectStoreNames) {
                const table = database.transaction(store).objectStore(store);
                const [keys, values] = [await asked(table.getAllKeys(null, 100)), await asked(database.transaction(store).objectStore(store).getAll(null, 100))];
                (values || []).forEach((value, i) => put('database', `${name}/${store}/${(keys || [])[i]}`, JSON.stringify(value)));
            }
            database.close();
        }
    });
    await attempt(async () => {
        for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of (await cache.keys()).slice(0, 50)) {
                const text = await (await cache.match(request)).text();
                put('cache', `${name} ${request.url}`, text);
            }
        }
    });
    return { origin: location.origin, entries };
})()
