/* The reader's progress in the browser's storage, by card id: one key a card, so that two tabs never write over each
   other's cards. Keys, all of JSON text:

   notes.card.<id>        the record of a card that has been reviewed (see schedule.js)
   notes.log.<hour>       the reviews of one hour since 1970, as [time, 1 if the card was new]; kept for a week
   notes.settings         what the reader has chosen; belongs to this browser and is not exported
   notes.backup           {at, reviews}: the time of the last export, the reviews since
   notes.aside.<key>.<n>  what stood under a key and could not be read */
(function () {
  "use strict";
  const Study = window.Study = window.Study || {};

  const PREFIX = "notes.";
  const [CARD, LOG, SETTINGS, BACKUP, ASIDE] =
    ["card.", "log.", "settings", "backup", "aside."].map((key) => PREFIX + key);
  const HOUR = 60 * 60_000; // ms
  const KEPT_HOURS = 7 * 24;
  const REST = 50; // ms; an import elsewhere changes thousands of keys, one event each
  const FORMAT = "notes.progress";
  const VERSION = 1;
  const TOO_LARGE = 10_000_000; // characters; 5,000 cards take less than one million
  const DEFAULTS = { newPerDay: 20, cardLanguage: null };
  const NO_BACKUP = Object.freeze({ at: null, reviews: 0 });
  const TROUBLES = ["forbidden", "full", "corrupt"]; // the worst first

  /* Why a file can't be imported; code: too-large, not-json, not-ours, newer (than this page knows), invalid. */
  Study.ImportError = class ImportError extends Error {
    constructor(code, detail = "") {
      super(`${code}: ${detail}`);
      this.name = "ImportError";
      this.code = code;
      this.detail = detail;
    }
  };

  // ---- What is valid; each gives the value to be used, or null ----

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
  const isId = (value) => typeof value === "string" && value.length > 0 && value.length <= 200;
  const isNewPerDay = (value) => isCount(value) && value <= 9999;

  const checkRecord = (value) => (Study.schedule.fault(value) ? null : Object.freeze(Study.schedule.clean(value)));
  const checkSettings = (value) => (isObject(value) && isNewPerDay({ ...DEFAULTS, ...value }.newPerDay) ? value : null);
  const checkBackup = (value) =>
    (isObject(value) && isCount(value.reviews) && (value.at === null || isCount(value.at)) ? value : null);
  const isEntry = (entry) => Array.isArray(entry) && isCount(entry[0]) && (entry[1] === 0 || entry[1] === 1);
  const checkLog = (value) => (Array.isArray(value) && value.every(isEntry) ? value : null);

  /* The value that a text stands for, or undefined. */
  function parse(text) {
    try { return JSON.parse(text); } catch (error) { return undefined; }
  }

  /* The later review; of two at the same moment always the same, so that the order of imports makes no difference. */
  function isNewer(one, other) {
    if (one.last !== other.last) return one.last > other.last;
    return JSON.stringify(one) > JSON.stringify(other);
  }

  /* The records of an exported text as [id, record]; all are checked before the first is used. */
  function readExport(text) {
    if (text.length > TOO_LARGE) throw new Study.ImportError("too-large", String(text.length));
    const file = parse(text);
    if (file === undefined) throw new Study.ImportError("not-json");
    if (!isObject(file) || file.format !== FORMAT) throw new Study.ImportError("not-ours");
    const { version } = file;
    if (Number.isInteger(version) && version > VERSION) throw new Study.ImportError("newer", String(version));
    if (version !== VERSION) throw new Study.ImportError("invalid", "version");
    if (!Array.isArray(file.cards)) throw new Study.ImportError("invalid", "cards");
    const ids = new Set();
    return file.cards.map((card, place) => {
      const [id, value] = Array.isArray(card) ? card : [];
      if (!isId(id) || ids.has(id)) throw new Study.ImportError("invalid", `cards[${place}]`);
      ids.add(id);
      const fault = Study.schedule.fault(value);
      if (fault) throw new Study.ImportError("invalid", `${id}: ${fault}`);
      return [id, checkRecord(value)];
    });
  }

  Study.openProgress = function ({ storage, now = Date.now, onTrouble = () => {} }) {
    const troubles = new Set();
    const worst = () => TROUBLES.find((trouble) => troubles.has(trouble)) || null;

    function setTrouble(trouble, holds) {
      if (troubles.has(trouble) === holds) return;
      const before = worst();
      if (holds) troubles.add(trouble);
      else troubles.delete(trouble);
      if (holds || worst() !== before) onTrouble(holds ? trouble : worst());
    }

    const store = Study.openStore(storage, PREFIX, ASIDE, setTrouble);
    const records = new Map();
    const log = new Map();
    const listeners = new Set();
    let settings = {};
    let backup = NO_BACKUP;

    /* What storage holds under a key now; what can't be read is set aside and counts as absent. */
    function read(key, check) {
      const text = store.read(key);
      if (text === null) return null;
      const value = check(parse(text));
      if (value === null) {
        store.setAside(key, text);
        setTrouble("corrupt", true);
      }
      return value;
    }

    function keep(map, key, value) {
      if (value === null) map.delete(key);
      else map.set(key, value);
      return value;
    }

    const readCard = (id) => keep(records, id, read(CARD + id, (value) => (isId(id) ? checkRecord(value) : null)));
    const readLog = (hour) => keep(log, hour, read(LOG + hour, checkLog)) || [];
    const readSettings = () => { settings = read(SETTINGS, checkSettings) || {}; return settings; };
    const readBackup = () => { backup = read(BACKUP, checkBackup) || NO_BACKUP; return backup; };

    /* True if the key is one of those that are read. */
    function refresh(key) {
      if (key.startsWith(CARD)) readCard(key.slice(CARD.length));
      else if (key.startsWith(LOG)) readLog(key.slice(LOG.length));
      else if (key === SETTINGS) readSettings();
      else if (key === BACKUP) readBackup();
      else return false;
      return true;
    }

    /* The store also names the keys that were there before and are gone. */
    function refreshAll() {
      store.keys().forEach(refresh);
    }

    /* True if storage has it, and not this page's memory alone. */
    const write = (key, value) => store.write(key, value === null ? null : JSON.stringify(value));

    function amendLog(at, amend) {
      const hour = String(Math.floor(at / HOUR));
      const entries = amend(readLog(hour));
      write(LOG + hour, entries.length ? entries : null);
      readLog(hour);
    }

    function countSinceBackup(change) {
      const { at, reviews } = readBackup();
      write(BACKUP, { at, reviews: Math.max(0, reviews + change) });
      readBackup();
    }

    function review(id, rating, at) {
      if (!isId(id)) throw new RangeError(`not a card id: ${id}`);
      const before = readCard(id);
      const undo = { id, at, fresh: before ? 0 : 1, before: before && store.read(CARD + id) };
      const record = Study.schedule.rate(before || Study.schedule.empty(at), rating, at);
      undo.after = JSON.stringify(record);
      store.write(CARD + id, undo.after);
      amendLog(at, (entries) => [...entries, [at, undo.fresh]]);
      countSinceBackup(1);
      return { record: readCard(id), undo };
    }

    /* False, and nothing is changed, if the card has been reviewed again since: that review may be another tab's. */
    function undo({ id, at, fresh, before, after }) {
      if (store.read(CARD + id) !== after) return false;
      store.write(CARD + id, before);
      readCard(id);
      amendLog(at, (entries) => {
        const place = entries.findIndex((entry) => entry[0] === at && entry[1] === fresh);
        return entries.filter((entry, index) => index !== place);
      });
      countSinceBackup(-1);
      return true;
    }

    /* Equal progress gives equal text: no time, the cards in the order of their ids, one a line. */
    function exportText() {
      refreshAll();
      const lines = [...records.keys()].sort().map((id) => JSON.stringify([id, records.get(id)]));
      write(BACKUP, { at: now(), reviews: 0 });
      readBackup();
      return `{"format":"${FORMAT}","version":${VERSION},"cards":[\n${lines.join(",\n")}\n]}\n`;
    }

    /* Merge an exported text; `unsaved` counts the cards for which storage had no room: this page alone knows them. */
    function importText(text) {
      const result = { added: 0, updated: 0, unchanged: 0, unsaved: 0 };
      for (const [id, record] of readExport(text)) {
        const here = readCard(id);
        if (here && !isNewer(record, here)) {
          result.unchanged += 1;
          continue;
        }
        result[here ? "updated" : "added"] += 1;
        if (!write(CARD + id, record)) result.unsaved += 1;
        readCard(id);
      }
      return result;
    }

    function counts(dayStart, dayEnd) {
      const entries = [...log.values()].flat().filter(([at]) => at >= dayStart && at < dayEnd);
      return { new: entries.filter(([, fresh]) => fresh).length, reviews: entries.length };
    }

    function set(name, value) {
      const next = { ...readSettings(), [name]: value };
      if (!checkSettings(next)) throw new RangeError(`${name} can't be ${value}`);
      write(SETTINGS, next);
      readSettings();
    }

    let announcement = null;
    function announce() {
      announcement = announcement || setTimeout(() => {
        announcement = null;
        listeners.forEach((listener) => listener());
      }, REST);
    }

    window.addEventListener("storage", ({ key, storageArea }) => {
      if (!store.isFrom(storageArea)) return;
      if (key === null) refreshAll(); // somebody cleared it
      else if (!refresh(key)) return;
      announce();
    });

    // A page that the back button brings back has slept through the other tabs' changes.
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      refreshAll();
      announce();
    });

    refreshAll();
    const oldest = now() / HOUR - KEPT_HOURS;
    for (const hour of log.keys()) if (Number(hour) < oldest) amendLog(Number(hour) * HOUR, () => []);

    return {
      get: (id) => records.get(id) || null,
      ids: () => [...records.keys()],
      review, undo, counts, set,
      export: exportText,
      import: importText,
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      get settings() { return { ...DEFAULTS, ...settings }; },
      get trouble() { return worst(); },
      // A clock put back must not make the backup younger than now.
      get lastBackup() { return backup.at === null ? null : Math.min(backup.at, now()); },
      get reviewsSinceBackup() { return backup.reviews; },
    };
  };
})();
