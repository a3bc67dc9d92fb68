"""Ordinary names to make synthetic customers of, the commoner ones first. Any likeness to a person is chance."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH_GIVEN: Final = _words("""
    James Mary Michael Patricia Robert Jennifer John Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
    Thomas Karen Christopher Sarah Charles Lisa Daniel Nancy Matthew Sandra Anthony Ashley Mark Emily Steven Kimberly
    Andrew Donna Paul Michelle Joshua Carol Kenneth Amanda Kevin Melissa Brian Deborah Timothy Stephanie Ronald Rebecca
    George Laura Jason Sharon Edward Cynthia Jeffrey Kathleen Ryan Amy Jacob Angela Nicholas Anna Gary Ruth Eric Nicole
    Jonathan Samantha Stephen Catherine Larry Christine Justin Emma Scott Rachel Brandon Carolyn Benjamin Janet Samuel
    Maria Gregory Heather Alexander Diane Patrick Olivia Jack Julie Dennis Joyce Jerry Victoria Tyler Kelly Aaron Joan
    Jose Evelyn Adam Lauren Nathan Judith Henry Megan Zachary Alice Douglas Hannah Peter Grace Kyle Priya Omar Fatima
    Noah Chloe Ethan Sofia Luis Camila Diego Naomi Arjun Leila Marcus Ingrid Hugo Beatrice Felix Rosa Theo Irene
""")

ENGLISH_FAMILY: Final = _words("""
    Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
    Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young
    Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter
    Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers
    Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez
    Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez
    Powell Jenkins Perry Russell Sullivan Bell Coleman Butler Henderson Barnes Fisher Vasquez Simmons Graham Murray Ford
    Castro Marshall Owens Harrison Fernandez Woods Kennedy Wells Vargas Henry Freeman Webb Tucker Burns Crawford Olson
    Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder Mason Dixon Munoz Hunt Hicks Holmes Palmer Wagner Black Stone
    Khan Cohen Rossi Novak Larsen Okafor Haddad Petrov Andersen Fischer
""")

CHINESE_FAMILY: Final = _words("""
    王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢
    韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 苏 卢 蒋 蔡 贾 丁 魏 薛
    叶 阎 余 潘 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 邹 熊 金 陆 郝 孔
    白 崔 康 毛 邱 秦 江 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔
    贺 赖 龚 文 欧阳 司马 上官 诸葛
""")

CHINESE_GIVEN: Final = _words("""
    伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 霞 平 刚 桂英 建华 文
    辉 玲 力 红 鑫 婷 宇 欣怡 浩然 子涵 梓萱 雨桐 思远 佳琪 志强 国华 晓东 晓燕 春梅 海燕 雪梅 丹 玉兰 建国
    志明 立新 文博 天宇 俊杰 雅婷 诗涵 一鸣 梦瑶 嘉欣 宇轩 博文 若曦 可欣 子轩 欣妍 泽宇 明轩 语嫣 思琪
    家豪 慧敏 淑珍 秀兰 凤英 庆华 永强 永红 少华 振华 宏伟 卫东 长江 晨曦 佳怡 冰 雪 琳 倩 颖 洁 莉 蕾 薇 岚 青 云 峰
    鹏 飞 龙 凯 斌 波 亮 健 帆 航 睿 毅 恒 宁 安 乐 悦 然 清 怡 瑶 瑾 舒 涵
    晗 昊 晟 煜 书瑶 知行 景行 望舒 清扬 子衿 静姝 修远 致远 明哲 思齐 若水 云帆 怀瑾 乐山
""")
