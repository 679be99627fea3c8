/** What people of the demonstration county write. Invented; {place} is filled in. */
import type { KindName } from '../kinds/kinds.ts';

export type Story = { kind: KindName; category: string; unit: string; text: string; report: string; answer: string };

export const stories: readonly Story[] = [
  { kind: 'request', category: '0101', unit: 'urban', text: '{place}主街的路灯从上周起全部不亮，孩子下晚自习回家看不见路，请尽快派人修理。', report: '已到现场更换控制箱保险，12 盏路灯全部恢复。', answer: '路灯已修好，当晚已试亮。' },
  { kind: 'request', category: '0101', unit: 'urban', text: '{place}卫生室门口的井盖碎了一半，前天有个老人险些踩空，先用石头压着。', report: '已更换防沉降井盖一套，周边路面补平。', answer: '井盖已换新，感谢您及时反映。' },
  { kind: 'request', category: '0101', unit: 'urban', text: '{place}一下雨路口就积水到膝盖，下水道好像被堵住了，电动车根本过不去。', report: '清淤 60 米，清出建筑垃圾约 2 方，复测排水正常。', answer: '已清淤疏通，雨季会加密巡查。' },
  { kind: 'request', category: '0102', unit: 'housing', text: '我们小区电梯三天两头停运，物业说没有维修基金，七楼的老人一周没下过楼了，在{place}。', report: '约谈物业，启动应急维修程序，电梯已检修并取得检验合格标志。', answer: '电梯已恢复运行，维修基金使用情况已在小区公示。' },
  { kind: 'request', category: '0102', unit: 'housing', text: '{place}小区物业私自把公共绿地改成收费停车位，业主投票没有通过也照样收钱。', report: '责令恢复绿地，停止收费，限期 15 日。', answer: '已责令恢复原状，退费登记在物业前台办理。' },
  { kind: 'request', category: '0103', unit: 'housing', text: '{place}自来水连续五天早上没水，打电话说在检修，也不给个准确时间。', report: '主管漏损点已更换 20 米，供水压力恢复至 0.28 兆帕。', answer: '供水已恢复，停水未提前告知一事已批评责任人。' },
  { kind: 'request', category: '02', unit: 'environment', text: '{place}村北头的养殖场把污水直接排进河沟，夏天臭得不敢开窗，河里的鱼都翻白了。', report: '现场取样，责令停止外排并建三格式沉淀池，立案调查。', answer: '已停止外排，处罚程序正在进行，结果将再告知您。' },
  { kind: 'request', category: '02', unit: 'urban', text: '{place}夜市烧烤摊凌晨两点还在放音响，油烟直接吹到二楼卧室，住户没法睡觉。', report: '划定经营时段至 23 时，加装油烟净化器 9 台。', answer: '已规范经营时段和油烟排放，请您监督。' },
  { kind: 'request', category: '03', unit: 'traffic', text: '到{place}的公交车下午五点半就收班，在城里上班的人回不了家，能不能加两个晚班？', report: '经客流调查，自下月起增加 18:30、19:30 两班。', answer: '已增开两个晚班，站牌将更新。' },
  { kind: 'request', category: '04', unit: 'school', text: '{place}小学门口早晚高峰车都堵在路中间，没有人疏导，孩子在车缝里穿来穿去。', report: '设置限时停车和护学岗，错峰放学。', answer: '护学岗已上岗，放学改为分年级错峰。' },
  { kind: 'request', category: '05', unit: 'labour', text: '我在{place}的砖厂干了四个月，老板只给了一个月的钱，说年底再算，家里等着用钱。', report: '责令砖厂支付 4 名工人工资共 3.6 万元，已到账。', answer: '工资已全部支付，请查收。' },
  { kind: 'request', category: '05', unit: 'labour', text: '请问在外地交的养老保险怎么转回来，在{place}能不能办，要带什么材料？', report: '已电话说明转移流程和所需材料。', answer: '可在乡镇便民服务中心办理，带身份证和参保凭证。' },
  { kind: 'request', category: '06', unit: 'market', text: '{place}超市卖的饼干过期两个月还摆在货架上，找他们理论还说没吃坏就不赔。', report: '下架封存，立案，责令赔偿 1000 元。', answer: '商家已赔偿并被立案处理。' },
  { kind: 'request', category: '07', unit: 'health', text: '{place}卫生室的药比镇上贵一倍，而且经常没人，老人量个血压要跑好几趟。', report: '核查药价并公示，调整坐诊时间。', answer: '药价已按目录执行，坐诊时间已贴在门口。' },
  { kind: 'request', category: '08', unit: 'police', text: '{place}昨晚又丢了两只羊，监控坏了半年没人修，村里人晚上都不敢睡。', report: '立案侦查，已调取周边影像；村口监控已报修。', answer: '案件正在侦办，村口监控本周修复。' },
  { kind: 'request', category: '08', unit: 'police', text: '有人在{place}挨家推销保健品，专找独居老人，要先交会员费，怀疑是诈骗。', report: '查获推销点一处，追回 1.2 万元，开展反诈宣传。', answer: '被骗款项已追回大部分，请勿再与其联系。' },
  { kind: 'petition', category: '01', unit: 'land', text: '{place}修路占了我家两亩三分地，说好的补偿款拖了一年多，村里镇里互相推，请给个说法。', report: '补偿款因面积复核延迟，现已按 2.3 亩核定并拨付。', answer: '您反映的补偿款应予支付，已于本月拨付到户。' },
  { kind: 'petition', category: '04', unit: 'civil', text: '我父亲七十八岁常年有病，低保去年被取消，没有人上门核实，{place}请求重新核查。', report: '入户复核，家庭收入低于标准，恢复低保。', answer: '复核后符合条件，自本月起恢复。' },
  { kind: 'petition', category: '02', unit: 'housing', text: '{place}的安置房说好两年交房，现在第四年了地基还露在外面，过渡费也停了。', report: '工程因资金停工，已明确复工日期并补发过渡费。', answer: '过渡费已补发，复工计划附后，超期继续计发。' },
  { kind: 'petition', category: '03', unit: 'labour', text: '我在{place}的企业工作二十年，单位没有给我缴养老保险，现在退休办不了手续。', report: '查档属实，责令企业补缴，已出具补缴核定单。', answer: '企业应补缴，核定单已送达双方。' },
  { kind: 'dispute', category: '02', unit: 'village', text: '{place}邻居家盖房把滴水檐伸到我家院子里，一下雨院墙都泡塌了，说了几次差点打起来。', report: '双方到场丈量，同意加装檐沟并修复院墙，费用各半。', answer: '已达成协议，檐沟三日内装好。' },
  { kind: 'dispute', category: '06', unit: 'village', text: '{place}承包地的地边被隔壁犁过来三垄，找他说还骂人，两家为此吵了半个月。', report: '按确权图重新打桩，双方签字认可。', answer: '地界已重新打桩，以确权图为准。' },
  { kind: 'dispute', category: '01', unit: 'village', text: '{place}三个儿子谁都不愿意养老母亲，老人轮流住不到十天就被送走，请村里调解赡养的事。', report: '三兄弟商定轮流赡养与医药费分担，村干部见证。', answer: '赡养协议已签，老人已由长子接回。' },
  { kind: 'dispute', category: '12', unit: 'village', text: '{place}前年借给同村人三万块钱，有欠条，说好去年还，现在电话也不接。', report: '双方同意分六期归还，首期 5000 元已付。', answer: '已达成分期还款协议。' },
  { kind: 'dispute', category: '05', unit: 'justice', text: '干活时从脚手架上摔下来，住院花了两万多，包工头说只出医药费的一半，在{place}。', report: '经调解赔偿医药费及误工费共 3.1 万元。', answer: '赔偿协议已签并支付首付款。' },
  { kind: 'dispute', category: '09', unit: 'housing', text: '{place}小区漏水把楼下装修泡了，楼上说是管道老化，物业说是业主改装，三家都不认。', report: '第三方检测为公共立管破裂，物业承担修复与赔偿。', answer: '物业已修复并赔付。' },
];

export const surnames = '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎';
export const givenNames = ['建国', '秀兰', '志明', '桂英', '海涛', '玉梅', '文军', '春霞', '大力', '小红', '金贵', '长林', '凤琴', '永强', '晓燕', '国富', '雪', '磊', '芳', '勇', '𠮷安', '喆'];
