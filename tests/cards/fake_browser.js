/* What the scripts of the study page see of a browser, for V8 alone: tabs with one disk, which can be full, forbidden or
   broken; time and events move only when a test says so. */
const window = globalThis;

let acting = null; // the tab whose listeners are being added, or whose writing is under way
window.addEventListener = (type, listener) => acting.listeners.push([type, listener]);

const timers = [];
window.setTimeout = (callback) => timers.push(callback);
function runTimers() {
  for (const callback of timers.splice(0)) callback();
}

/* A disk has room for so many characters; broken, it can't even be read. */
function newDisk(items) {
  return { items: new Map(items), room: Infinity, broken: false, events: [], writes: 0 };
}

const used = (disk) => [...disk.items].reduce((sum, [key, text]) => sum + key.length + text.length, 0);

function fail(name) {
  throw Object.assign(new Error(`the fake storage says ${name}`), { name });
}

/* The storage object of one tab; its stored items are its own properties, as those of localStorage. */
function area(disk, tab) {
  const change = (key, text) => {
    if (text === null) disk.items.delete(key);
    else disk.items.set(key, text);
    disk.events.push({ from: tab, key });
    disk.writes += 1;
  };
  const methods = {
    getItem(key) {
      if (disk.broken) fail("SecurityError");
      return disk.items.has(key) ? disk.items.get(key) : null;
    },
    setItem(key, text) {
      const before = disk.items.has(key) ? key.length + disk.items.get(key).length : 0;
      if (disk.room < Infinity && used(disk) - before + key.length + text.length > disk.room) fail("QuotaExceededError");
      change(key, text);
    },
    removeItem(key) { if (disk.items.has(key)) change(key, null); },
  };
  return new Proxy({}, {
    get: (target, name) => methods[name],
    ownKeys: () => [...disk.items.keys()],
    getOwnPropertyDescriptor: (target, key) => disk.items.has(key)
      ? { value: disk.items.get(key), enumerable: true, configurable: true }
      : undefined,
  });
}

const tabs = [];
let clock = 0;

/* A tab with the study page; `access` is how it comes by its storage: "object", "function", "throws" or "null". */
function openTab(disk, access) {
  const tab = { listeners: [], troubles: [], heard: 0, disk };
  const storage = area(disk, tab);
  tab.storage = storage;
  const source = {
    object: () => storage,
    function: () => () => storage,
    throws: () => () => fail("SecurityError"),
    null: () => null,
  }[access]();
  acting = tab;
  tab.progress = Study.openProgress({ storage: source, now: () => clock, onTrouble: (trouble) => tab.troubles.push(trouble) });
  tab.progress.subscribe(() => { tab.heard += 1; });
  return tabs.push(tab) - 1;
}

function fire(tab, type, event) {
  for (const [wanted, listener] of tab.listeners) if (wanted === type) listener(event);
}

/* Tell every tab what the others have written. */
function deliver(disk) {
  for (const { from, key } of disk.events.splice(0)) {
    for (const tab of tabs) if (tab.disk === disk && tab !== from) fire(tab, "storage", { key, storageArea: tab.storage });
  }
  runTimers();
}

/* One call of the interface; an ImportError is a value, since its code and detail matter. */
function act(place, method, ...values) {
  try {
    return tabs[place].progress[method](...values);
  } catch (error) {
    if (!(error instanceof Study.ImportError)) throw error;
    return { code: error.code, detail: error.detail };
  }
}

const see = (place, name) => tabs[place].progress[name];
const disks = [];
