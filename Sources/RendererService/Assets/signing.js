// Signing in the visitor's own browser. The key is made here and kept here as one that cannot be read out; the node gets
// signed messages only.
'use strict';
const signing = (() => {
  const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const fromBase64url = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const keys = {
    // Answers undefined where nothing is kept, and fails where storage is forbidden.
    async ask(mode, work) {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open('p2pmsg', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('keys');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      try {
        return await new Promise((resolve, reject) => {
          const transaction = database.transaction('keys', mode);
          const request = work(transaction.objectStore('keys'));
          transaction.oncomplete = () => resolve(request.result);
          transaction.onabort = () => reject(transaction.error);
        });
      } finally { database.close(); }
    },
    load: () => keys.ask('readonly', (store) => store.get('own')),
    save: (key) => keys.ask('readwrite', (store) => store.put(key, 'own')),
    forget: () => keys.ask('readwrite', (store) => store.delete('own')),
    async fromSeed(seed) {
      const prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];  // PKCS #8, RFC 8410
      const encoded = Uint8Array.from([...prefix, ...seed]);
      const open = await crypto.subtle.importKey('pkcs8', encoded, 'Ed25519', true, ['sign']);
      const { x } = await crypto.subtle.exportKey('jwk', open);
      return { sign: await crypto.subtle.importKey('pkcs8', encoded, 'Ed25519', false, ['sign']), text: 'ed25519:' + x };
    },
    isSupported: async () => {
      try {
        await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
        await keys.load();
        return true;
      } catch { return false; }
    },
  };
  const encoder = new TextEncoder();
  // The canonical bytes: a tag, then length and bytes of each key and value, keys in the order of their bytes.
  const canonical = (signals) => {
    const parts = [encoder.encode('p2pmsg:1\0')];
    const add = (text) => {
      const bytes = encoder.encode(text);
      const length = new DataView(new ArrayBuffer(4));
      length.setUint32(0, bytes.length);
      parts.push(new Uint8Array(length.buffer), bytes);
    };
    Object.keys(signals).sort().forEach((key) => { add(key); add(signals[key]); });
    return new Uint8Array(parts.flatMap((part) => [...part]));
  };
  // Half a surrogate pair cannot be sent; this is what encoding makes of it.
  const sendable = (text) => new TextDecoder().decode(encoder.encode(text));
  // - name: undefined where nothing was ever said of it, '' where it was taken back.
  const sign = async (text, end, key, name) => {
    const signals = { '+at': String(Date.now()), '+end': end, '+key': key.text, '+message': sendable(text) };
    if (name !== undefined) signals['+name'] = name;
    const bytes = canonical(signals);
    signals['+sig'] = base64url(new Uint8Array(await crypto.subtle.sign('Ed25519', key.sign, bytes)));
    return JSON.stringify({ signals });
  };
  // A name as nodes take it; see DisplayName. Undefined for what is none.
  const asName = (text) => {
    const name = sendable(text).normalize('NFC').trim().replace(/\s+/g, ' ');
    const isName = encoder.encode(name).length <= 48
      && !/…|\u2800|[\p{Cc}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?![\u200c\u200d\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/u.test(name)
      && !/(?![\u200c\u200d])\p{Cf}|(?! )\p{Zs}|(^|[ \u200c\u200d])[\u200c\u200d\p{Mn}\p{Me}]|[\u200c\u200d]($| )/u.test(name)
      && !/[\p{Mn}\p{Me}]{4}/u.test(name);
    return isName ? name : undefined;
  };
  return { keys, sign, asName, encoder, base64url, fromBase64url };
})();
