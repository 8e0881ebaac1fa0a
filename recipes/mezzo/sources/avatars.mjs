// Draws avatars with DiceBear and writes avatars.json: for each the style, who made it, its attributes and its SVG.
// Usage: node avatars.mjs '{"micah": 300, ...}'
import * as collection from "@dicebear/collection";
import { createAvatar } from "@dicebear/core";
import { renameSync, writeFileSync } from "node:fs";

const avatars = Object.entries(JSON.parse(process.argv[2])).flatMap(([style, count]) =>
  Array.from({ length: count }, (_, number) => {
    const { creator, license } = collection[style].meta;
    const { svg, extra } = createAvatar(collection[style], { seed: `${style}-${number}`, size: 128 }).toJson();
    return { style, creator, licence: license.name, attributes: extra, svg };
  }),
);
writeFileSync("avatars.json.part", JSON.stringify(avatars));
renameSync("avatars.json.part", "avatars.json");
