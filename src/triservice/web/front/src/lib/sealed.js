// Nothing adds to what all objects inherit. Whatever a library does with a key such as "__proto__" in
// what comes from elsewhere, no other object has it afterwards. The map's worker gets the same line.
for (const { prototype } of [Object, Array, Function, String, Number, Boolean, Map, Set, Promise]) {
  Object.preventExtensions(prototype);
}
