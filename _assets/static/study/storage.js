/* localStorage that never throws. Where it is forbidden, the memory of this page stands in for it; what it has no room
   for waits in memory until it has. */
(function () {
  "use strict";
  const Study = window.Study = window.Study || {};

  /* `source` is a storage, a function that gives it (the access itself may throw), or null; of its keys, those that
     begin with `prefix` are ours. `setTrouble("forbidden" | "full", holds)` is told of the state. */
  Study.openStore = function (source, prefix, aside, setTrouble) {
    const seen = new Map(); // key → text, as last read or written
    const unsaved = new Map(); // key → {text, over}: what should stand there, and what stood there when it didn't fit
    const stuck = new Map(); // key → text that can't be read, nor set aside for want of room
    let storage = null;

    function remember(key, text) {
      if (text === null) seen.delete(key);
      else seen.set(key, text);
      return text;
    }

    /* From now on what was seen is what there is. */
    function forgo() {
      storage = null;
      unsaved.forEach(({ text }, key) => remember(key, text));
      unsaved.clear();
      setTrouble("forbidden", true);
    }

    function scan() {
      const keys = Object.keys(storage).filter((key) => key.startsWith(prefix));
      const texts = keys.map((key) => [key, storage.getItem(key)]);
      texts.forEach(([key, text]) => remember(key, text));
    }

    /* Every key that is there, waits or was seen before. */
    function keys() {
      if (storage) try { scan(); } catch (error) { forgo(); }
      return [...new Set([...seen.keys(), ...unsaved.keys()])];
    }

    function stored(key) {
      if (storage) try { return remember(key, storage.getItem(key)); } catch (error) { forgo(); }
      return seen.has(key) ? seen.get(key) : null;
    }

    /* Throws where there is no room. */
    function put(key, text) {
      if (storage && text === null) storage.removeItem(key);
      else if (storage) storage.setItem(key, text);
      remember(key, text);
    }

    function tryToPut(key, text) {
      // Nothing is written over a text that could not be read; it stays until there is room to set it aside.
      if (stuck.has(key) && !setAside(key, stuck.get(key))) return false;
      try { put(key, text); } catch (error) { return false; }
      return true;
    }

    function read(key) {
      const text = stored(key);
      const waiting = unsaved.get(key);
      if (!waiting) return text;
      if (waiting.over === text) return waiting.text;
      unsaved.delete(key); // another tab got something later through
      return text;
    }

    /* Write what waits, up to the first that still has no room. */
    function flush() {
      for (const [key, { text, over }] of unsaved) {
        if (stored(key) === over && !tryToPut(key, text)) return;
        unsaved.delete(key);
      }
    }

    /* True if it is written; else `read` gives it all the same. */
    function write(key, text) {
      unsaved.delete(key);
      flush();
      const over = stored(key);
      const written = tryToPut(key, text);
      if (!written) unsaved.set(key, { text, over });
      setTrouble("full", unsaved.size > 0);
      return written;
    }

    /* Move a text that can't be read out of the way; false if there is no room for it. */
    function setAside(key, text) {
      stuck.delete(key);
      if (stored(key) !== text) return true;
      let n = 0;
      while (stored(`${aside}${key}.${n}`) !== null) n += 1;
      try { put(`${aside}${key}.${n}`, text); } catch (error) {
        stuck.set(key, text);
        return false;
      }
      put(key, null);
      return true;
    }

    try {
      storage = typeof source === "function" ? source() : source;
      scan(); // where storage is forbidden, even to look at it may throw
    } catch (error) { forgo(); }

    const isFrom = (area) => Boolean(storage) && (!area || area === storage);

    return { keys, read, write, setAside, isFrom };
  };
})();
