// A test server of Telegram's Bot API on the port that is named.
import T from "telegram-test-api";
const Server = T.default ?? T;
await new Server({ port: Number(process.argv[2]), host: "127.0.0.1", storage: "RAM", storeTimeout: 3600 }).start();
