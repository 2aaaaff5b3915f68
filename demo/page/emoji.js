/** The :names: that messages of a feedback bot use, as the characters that every system can draw. */

const NAMES = `
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|ok_hand 👌|wave 👋|clap 👏|raised_hands 🙌|pray 🙏|muscle 💪|handshake 🤝
point_right 👉|point_left 👈|point_down 👇|point_up ☝️|eyes 👀|speech_balloon 💬|left_speech_bubble 🗨️|thought_balloon 💭
smile 😄|smiley 😃|grinning 😀|grin 😁|slightly_smiling_face 🙂|blush 😊|heart_eyes 😍|star-struck 🤩|tada 🎉|sob 😭
neutral_face 😐|expressionless 😑|confused 😕|slightly_frowning_face 🙁|white_frowning_face ☹️|disappointed 😞|worried 😟
angry 😠|rage 😡|cry 😢|thinking_face 🤔|sunglasses 😎|joy 😂|sweat_smile 😅|hugging_face 🤗|partying_face 🥳|relieved 😌
heart ❤️|green_heart 💚|yellow_heart 💛|orange_heart 🧡|blue_heart 💙|purple_heart 💜|broken_heart 💔|sparkles ✨|star ⭐|star2 🌟
fire 🔥|rocket 🚀|bulb 💡|zap ⚡|boom 💥|100 💯|trophy 🏆|medal 🏅|sports_medal 🏅|first_place_medal 🥇|crown 👑|gift 🎁
red_circle 🔴|large_orange_circle 🟠|orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵
large_purple_circle 🟣|large_brown_circle 🟤|white_circle ⚪|black_circle ⚫|radio_button 🔘|black_small_square ▪️
large_red_square 🟥|large_orange_square 🟧|large_yellow_square 🟨|large_green_square 🟩|large_blue_square 🟦
small_red_triangle 🔺|small_red_triangle_down 🔻|arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️|arrow_upper_right ↗️
arrow_lower_right ↘️|arrow_right_hook ↪️|leftwards_arrow_with_hook ↩️|arrows_counterclockwise 🔄|repeat 🔁
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔|no_entry_sign 🚫
warning ⚠️|rotating_light 🚨|exclamation ❗|heavy_exclamation_mark ❗|question ❓|grey_question ❔|bangbang ‼️|information_source ℹ️
bell 🔔|no_bell 🔕|loudspeaker 📢|mega 📣|alarm_clock ⏰|stopwatch ⏱️|hourglass ⌛|hourglass_flowing_sand ⏳|clock1 🕐|clock3 🕒
zzz 💤|calendar 📆|date 📅|spiral_calendar_pad 🗓️|pushpin 📌|round_pushpin 📍|paperclip 📎|link 🔗|lock 🔒|unlock 🔓|key 🔑
phone ☎️|telephone_receiver 📞|iphone 📱|calling 📲|mailbox 📫|mailbox_with_mail 📬|incoming_envelope 📨|email 📧|e-mail 📧|envelope ✉️
memo 📝|pencil 📝|pencil2 ✏️|clipboard 📋|page_facing_up 📄|page_with_curl 📃|file_folder 📁|card_index 📇|inbox_tray 📥|outbox_tray 📤
bar_chart 📊|chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|mag 🔍|mag_right 🔎|label 🏷️|ledger 📒|newspaper 📰|books 📚
bust_in_silhouette 👤|busts_in_silhouette 👥|technologist 🧑‍💻|office 🏢|department_store 🏬|package 📦|truck 🚚|shopping_trolley 🛒
moneybag 💰|money_with_wings 💸|credit_card 💳|receipt 🧾|wrench 🔧|hammer_and_wrench 🛠️|gear ⚙️|bug 🐛|lifebuoy 🛟|ring_buoy 🛟
seedling 🌱|herb 🌿|four_leaf_clover 🍀|sunny ☀️|partly_sunny ⛅|cloud ☁️|rain_cloud 🌧️|thunder_cloud_and_rain ⛈️|umbrella ☔
robot_face 🤖|robot 🤖|ghost 👻|coffee ☕|birthday 🎂|beers 🍻|dart 🎯|compass 🧭|world_map 🗺️|earth_africa 🌍|globe_with_meridians 🌐
one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣|keycap_ten 🔟|new 🆕|soon 🔜|ok 🆗|sos 🆘|heavy_minus_sign ➖|heavy_plus_sign ➕
`;

const CHARACTERS = new Map(
  NAMES.trim()
    .split(/[|\n]/)
    .map((pair) => /** @type {[string, string]} */ (pair.split(" "))),
);

/** The character of an emoji's name, or undefined: an unknown name stays as it was written. @param {string} name */
export function emoji(name) {
  return CHARACTERS.get(name.split("::")[0]);
}

/** Text with the :names: it holds turned to characters. @param {string} text */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+)(?:::skin-tone-\d)?:/g, (whole, name) => emoji(name) ?? whole);
}
