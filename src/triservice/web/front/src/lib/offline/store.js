// The database of the browser. What it holds of anybody is sealed; the names of records are of
// no meaning without the key. `plain` holds what is needed before the key is there: the number of
// the phone, the key sealed with the PIN, and how many tries are left.
const NAME = "triservice";
const STORES = ["plain", "queue", "kept"];

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Store {
  static async open() {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const name of STORES) request.result.createObjectStore(name);
    };
    const store = new Store();
    store.database = await asked(request);
    store.database.onversionchange = () => store.database.close();
    return store;
  }

  get(store, name) {
    return asked(this.database.transaction(store).objectStore(store).get(name));
  }

  all(store) {
    return asked(this.database.transaction(store).objectStore(store).getAll());
  }

  // Does all changes or none: [["put", store, name, value], ["delete", store, name], ["clear", store]].
  // Rejects with a QuotaExceededError where the phone has no room; then nothing was changed.
  change(changes) {
    return new Promise((resolve, reject) => {
      const names = [...new Set(changes.map(([, store]) => store))];
      const transaction = this.database.transaction(names, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      try {
        for (const [verb, store, name, value] of changes) {
          const into = transaction.objectStore(store);
          if (verb === "put") into.put(value, name);
          else if (verb === "delete") into.delete(name);
          else into.clear();
        }
      } catch (error) {
        reject(error); // before the end that undoes what was begun
        transaction.abort();
      }
    });
  }
}
